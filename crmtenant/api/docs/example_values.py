"""The examples of the OpenAPI document: whole request bodies by their model, and single values by their name."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_PERSON = "u_abcdefghijklmnopqrstuvwxyz"
_ANNA = {
    "given_name": "Anna",
    "family_name": "Berg",
    "emails": [{"label": "work", "value": "anna@example.com"}],
    "phones": [{"label": "mobile", "value": "+49 170 1234567"}],
    "tags": ["customer"],
}
_PROJECT = {"name": "New web site", "contact_id": 42, "start_on": "2026-11-23", "due_on": "2027-02-26"}
_TASK = {"title": "Call Anna about the front page", "project_id": 7, "due_on": "2026-12-01", "priority": 2}
_ENTRY = {
    "kind": "call",
    "subject_type": "contact",
    "subject_id": 42,
    "outcome": "reached",
    "minutes": 12,
    "body": f"Wants a quote by Friday. @[{_PERSON}]",
}
_COLUMN = {"project_id": 7, "name": "Doing", "task_limit": 3}
_VIEW = {"name": "Customers in Berlin", "page": "contacts", "query": {"tag": "customer", "q": "berlin"}}

_DRAFTS: dict[str, Json] = {
    "Contact": _ANNA,
    "Project": _PROJECT,
    "Task": _TASK,
    "Column": _COLUMN,
    "Entry": _ENTRY,
    "SavedView": _VIEW,
}
_PATCHES: dict[str, Json] = {
    "Contact": {"job_title": "Head of Purchasing", "birthday": None},
    "Project": {"status": "on_hold", "due_on": None},
    "Task": {"due_on": "2026-12-04", "assignee_ids": [_PERSON]},
    "Column": {"name": "In progress", "task_limit": None},
    "Entry": {"is_pinned": True},
    "SavedView": {"is_shared": True},
}

REQUESTS: dict[str, Any] = {
    **{f"{noun}Draft": draft for noun, draft in _DRAFTS.items()},
    **{f"{noun}Patch": patch for noun, patch in _PATCHES.items()},
    **{
        f"{noun}Bulk": {"create": [_DRAFTS[noun]], "update": [{"id": 43, **_PATCHES[noun]}], "delete": [44]}
        for noun in _DRAFTS
    },
    "TaskMove": {"column_id": 3, "before": 17},
    "ContactRows": {
        "items": [{"id": 1, "kind": "organization", "name": "Example Ltd."}, {**_ANNA, "organization_id": 1}]
    },
    "RegistrationDraft": {
        "company_name": "Acme",
        "name": "Ada Berg",
        "email": "ada@example.com",
        "password": "seven green umbrellas",
        "country": "DE",
    },
    "SignInDraft": {"email": "ada@example.com", "password": "seven green umbrellas", "transport": "body"},
    "DemoSignInDraft": {"transport": "body"},
    "RefreshDraft": {"refresh_token": "the token of the last answer"},
    "SwitchDraft": {"company": "acme"},
    "AcceptDraft": {"token": "from the mail", "name": "Ben Cole", "password": "five blue tractors"},
    "ResetDraft": {"email": "ada@example.com"},
    "NewPasswordDraft": {"token": "from the mail", "password": "five blue tractors"},
    "PasswordDraft": {"current_password": "seven green umbrellas", "new_password": "five blue tractors"},
    "ProfilePatch": {"name": "Ada Berg", "wants_reminders": False},
    "EmailConfirmationDraft": {"token": "from the mail"},
    "MemberDraft": {"email": "ben@example.com", "name": "Ben Cole", "role": "member"},
    "MemberPatch": {"role": "admin"},
    "CompanyPatch": {"name": "Acme", "time_zone": "Europe/Berlin", "currency": None},
    "DeletionDraft": {"company": "acme"},
    "ErasureDraft": {"name": "Anna Berg"},
}

VALUES: dict[str, Any] = {
    # in addresses
    "contact_id": 42,
    "project_id": 7,
    "task_id": 17,
    "column_id": 3,
    "entry_id": 23,
    # in queries
    "limit": 20,
    "cursor": "bm90IGEgcmVhbCBjdXJzb3I",
    "q": "berg",
    "id": "42,43",
    "ids": [42],
    "mapping": '{"Mail": "emails/0/value"}',
    "status": "done",
    "kind": "call",
    "body": "Wants a quote by Friday.",
    "dry_run": True,
    "count": True,
    # in what is answered
    "name": "Anna Berg",
    "given_name": "Anna",
    "family_name": "Berg",
    "title": "Call Anna about the front page",
    "subtitle": "Example Ltd.",
    "description": "What was agreed on the phone.",
    "email": "anna@example.com",
    "phone": "+49 170 1234567",
    "phones": [{"label": "mobile", "value": "+49 170 1234567", "e164": "+491701234567", "is_primary": True}],
    "emails": [{"label": "work", "value": "anna@example.com", "is_primary": True}],
    "addresses": [
        {"label": "work", "street": "Torstraße 1", "postal_code": "10119", "city": "Berlin", "country": "DE"}
    ],
    "urls": [{"label": "work", "value": "https://example.com", "is_primary": True}],
    "country": "DE",
    "currency": "EUR",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "color": "#3355aa",
    "tag": "customer",
    "tags": ["customer"],
    "label": "on site",
    "labels": ["on site"],
    "custom": {"Size": "40 people"},
    "recurrence": "FREQ=WEEKLY;BYDAY=MO",
    "query": {"tag": "customer"},
    "created_by": _PERSON,
    "updated_by": _PERSON,
    "deleted_by": _PERSON,
    "by": _PERSON,
    "owner_id": _PERSON,
    "assignee_id": _PERSON,
    "member_id": _PERSON,
    "slug": "acme",
    "company": "Acme",
    "access_token": "eyJ...",
    "expires_in": 900,
    "next": "/api/contacts?limit=20&cursor=bm90IGEgcmVhbCBjdXJzb3I",
    "next_cursor": "bm90IGEgcmVhbCBjdXJzb3I",
    "total": 314,
    "links": {"self": "/api"},
    "type": "urn:crmtenant:problem:invalid_input",
    "code": "invalid_input",
    "detail": "This must not be empty.",
    "pointer": "/name",
    "request_id": "3f9a1c0b5d7e2468",
}
