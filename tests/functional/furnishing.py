"""A few rows of every noun, the same in any company, so that two companies have equal ids; and bodies to send."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from sqlalchemy import delete

from crmtenant.clock import now
from crmtenant.ids import new_id
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.support import SupportGrant
from crmtenant.models.catalog.tables import Backup
from crmtenant.resources.company import CompanyBackup, CompanyJobResource, SupportGrantResource
from crmtenant.resources.trash import TrashedItem
from tests.functional.installation import Company
from tests.functional.surface import Endpoint, is_of_people, opaque_prefix
from tests.functional.written_rows import WrittenRows

ORGANIZATION, PERSON, PROJECT, COLUMN, TASK, ENTRY = 1, 2, 1, 1, 1, 1
TRASHED = {"contacts": 3, "projects": 3, "columns": 10, "tasks": 3, "entries": 3, "views": 3}
"""The id of the row in the trash, by collection."""

BODIES: dict[str, dict[str, Any]] = {
    "ContactDraft": {"kind": "person", "given_name": "New"},
    "ProjectDraft": {"name": "New"},
    "ColumnDraft": {"name": "New"},
    "TaskDraft": {"title": "New"},
    "EntryDraft": {"body": "New"},
    "EntryPatch": {"body": "Changed"},
    "SavedViewDraft": {"name": "New", "page": "contacts"},
    "SavedViewPatch": {"name": "Changed"},
    "ContactPatch": {"note": "Changed"},
    "ProjectPatch": {"description": "Changed"},
    "ColumnPatch": {"name": "Changed"},
    "TaskPatch": {"description": "Changed"},
    "TaskMove": {"after": 2},
    "CompanyPatch": {"time_zone": "Europe/Berlin"},
    "MemberPatch": {"role": "admin"},
    "HandoverDraft": {},
    "MemberDraft": {"email": "new.member@example.com", "role": "viewer"},
    "DeletionDraft": {"company": "its-own-slug"},
    "ErasureDraft": {"name": "its own name"},
    "RestoreDraft": {"name": "New"},
    "SandboxDraft": {"name": "New"},
    "SupportGrantDraft": {"reason": "A question"},
    "NotificationPatch": {"is_read": True},
    "NotificationMarks": {"done": [2]},
    "WatchDraft": {"is_watching": False},
    "NotificationSettingsPatch": {"kinds": {"due": {"mail": "never"}}},
}
"""A body that is accepted, by the name of its document. An endpoint whose document is missing fails its tests."""

_ON_A_CONTACT = {"subject_type": "contact", "subject_id": PERSON}

_CSV = ("text/csv", b"First Name,E-mail\nNew,new@example.com\n")
FILES = {"import": _CSV, "preview": _CSV}
"""What is sent where a file is wanted, by the name of the view."""


def furnish(company: Company) -> None:
    """Give the company, which is empty, the rows named above, with its name in every text."""
    if company.id in _written:
        _written[company.id].write_again(company)
    else:
        _ask_for_rows(company)
        _written[company.id] = WrittenRows(company)


#: by the id of the company
_written: dict[str, WrittenRows] = {}


def _ask_for_rows(company: Company) -> None:
    ask, name = company.client(), company.name
    for row_id in (ORGANIZATION, PERSON):
        company.execute(
            "INSERT INTO notification (person_id, kind, at, since, by, noun, row_id, count, is_batch)"
            f" VALUES ('{company.people['owner']}', 'watched', now(), now(), '{company.people['member']}',"
            f" 'contact', {row_id}, 1, false)"
        )
    assert ask.create("/api/contacts", kind="organization", name=f"{name} Ltd")["id"] == ORGANIZATION
    email = [{"value": f"anna@{name.lower()}.example"}]
    ask.create("/api/contacts", given_name=name, family_name="Berg", emails=email, organization_id=1)
    ask.create("/api/contacts", given_name=name, family_name="Trashed")
    ask.create("/api/projects", name=f"{name} project", contact_id=1, owner_id=company.people["member"])
    ask.create("/api/projects", name=f"{name} second")
    ask.create("/api/projects", name=f"{name} trashed")
    ask.create("/api/columns", name=f"{name} trashed", project_id=1)
    ask.create("/api/tasks", title=f"{name} task", project_id=1, column_id=1, contact_id=2)
    ask.create("/api/tasks", title=f"{name} subtask", project_id=1, parent_id=1)
    ask.create("/api/tasks", title=f"{name} trashed")
    for entry in ("note", "reply", "trashed"):
        where = f"/api/entries/{ENTRY}/entries" if entry == "reply" else f"/api/contacts/{PERSON}/entries"
        ask.create(where, body=f"{name} {entry}")
    for name in ("open", "second", "trashed"):
        ask.create(
            "/api/views",
            name=f"{company.name} {name}",
            page="tasks",
            query={"status": "open"},
            is_shared=True,
        )
    for collection, row_id in TRASHED.items():
        assert ask.delete(f"/api/{collection}/{row_id}").status_int == 204


def path_of(endpoint: Endpoint, company: Company, row_id: int | None = None) -> str:
    """The endpoint's address with an id that exists, or with this one."""
    if is_of_people(endpoint):
        (somebody,) = company.join("viewer")
        return endpoint.path.format(id=somebody)
    if endpoint.path == FILE:
        return endpoint.path.format(id=_job_with_file(company))
    if opaque_prefix(endpoint.path):
        return endpoint.path.format(id=OPAQUE[endpoint.context](company))
    if row_id is None:
        is_in_trash = endpoint.name == "restore" or issubclass(endpoint.context, TrashedItem)
        row_id = TRASHED[endpoint.context.entity.collection] if is_in_trash else 1
    return endpoint.path.format(id=row_id)


def _backup(company: Company) -> str:
    forget_requests(company)
    backup_id = new_id("b")
    with company.platform.databases.catalog.begin() as session:
        session.add(
            Backup(
                id=backup_id,
                tenant_id=company.id,
                slug=company.slug,
                manifest_file=backup_id,
                sha256="",
                size_bytes=1,
                schema_revision="0001",
                made_at=now(),
            )
        )
    return backup_id


def _job(company: Company) -> str:
    forget_requests(company)
    return company.client().post("/api/company/backups").json["id"]


def _job_with_file(company: Company) -> str:
    forget_requests(company)
    job_id, platform = new_id("j"), company.platform
    with platform.databases.catalog.begin() as session:
        values = {"asked_by": company.people["owner"], "progress": 100, "ended_at": now()}
        session.add(CompanyJob(id=job_id, tenant_id=company.id, kind="file", state="done", **values))
    with platform.tenants.job_files.writing(job_id) as file:
        file.write(b"what the company had")
    return job_id


def _grant(company: Company) -> str:
    forget_requests(company)
    return company.client().create("/api/company/support", **BODIES["SupportGrantDraft"])["id"]


#: of a job, where it made one
FILE = "/api/company/jobs/{id}/file"
OPAQUE: dict[type, Callable[[Company], str]] = {
    CompanyBackup: _backup,
    CompanyJobResource: _job,
    SupportGrantResource: _grant,
}
"""Makes what lives at an opaque id, by its place."""


def forget_requests(company: Company) -> None:
    """Forget the jobs and grants of the company, of which it may have one at a time."""
    with company.platform.databases.catalog.begin() as session:
        for model in (CompanyJob, SupportGrant):
            session.execute(delete(model).where(model.tenant_id == company.id))


def body_of(endpoint: Endpoint) -> Any:
    """A body that the endpoint accepts, or None for one without; KeyError for one nobody has thought of."""
    if endpoint.body is None:
        return None
    name = endpoint.body.__name__
    if name.endswith("Bulk"):
        draft, patch = (BODIES[name.replace("Bulk", kind)] for kind in ("Draft", "Patch"))
        owner = {"ColumnBulk": {"project_id": 1}, "EntryBulk": _ON_A_CONTACT}.get(name, {})
        new = {**draft, **owner}
        restored = TRASHED[endpoint.path.split("/")[2]]
        return {"create": [new], "update": [{"id": 1, **patch}], "delete": [2], "restore": [restored]}
    if name == "ColumnDraft" and "{id}" not in endpoint.path:
        return {**BODIES[name], "project_id": 1}
    if name == "EntryDraft" and "{id}" not in endpoint.path:
        return {**BODIES[name], **_ON_A_CONTACT}
    if name == "MemberDraft":
        # One address is sent only so many invitations a day, and tests of one process share the day.
        return {**BODIES[name], "email": f"new.{token_hex(6)}@example.com"}
    return BODIES[name]


def ask(company: Company, endpoint: Endpoint, path: str, role: str = "owner", **headers: str) -> Any:
    """The answer to the endpoint's ordinary request at this path."""
    client = company.client(role)
    if endpoint.method == "POST" and not opaque_prefix(endpoint.path):
        forget_requests(company)
    if endpoint.name in FILES:
        media_type, content = FILES[endpoint.name]
        return client.raw(endpoint.method, path, content, {"Content-Type": media_type, **headers})
    body = body_of(endpoint)
    if body == BODIES["DeletionDraft"]:
        body = {"company": company.slug}
    if body == BODIES["ErasureDraft"]:
        body = {"name": f"{company.name} Ltd"}
    if endpoint.method in {"GET", "DELETE"}:
        return getattr(client, endpoint.method.lower())(path, headers=headers)
    return getattr(client, endpoint.method.lower())(path, {} if body is None else body, headers=headers)
