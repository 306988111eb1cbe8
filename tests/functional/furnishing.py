"""A few rows of every noun, the same in any company, so that two companies have equal ids; and bodies to send."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from tests.functional.installation import Company
from tests.functional.surface import Endpoint, is_of_people

ORGANIZATION, PERSON, PROJECT, COLUMN, TASK = 1, 2, 1, 1, 1
TRASHED = {"contacts": 3, "projects": 3, "columns": 10, "tasks": 3, "views": 3}
"""The id of the row in the trash, by collection."""

BODIES: dict[str, dict[str, Any]] = {
    "ContactDraft": {"kind": "person", "given_name": "New"},
    "ProjectDraft": {"name": "New"},
    "ColumnDraft": {"name": "New"},
    "TaskDraft": {"title": "New"},
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
}
"""A body that is accepted, by the name of its document. An endpoint whose document is missing fails its tests."""


_CSV = ("text/csv", b"First Name,E-mail\nNew,new@example.com\n")
FILES = {"import": _CSV, "preview": _CSV}
"""What is sent where a file is wanted, by the name of the view."""


def furnish(company: Company) -> None:
    """Give the company the rows named above, with its name in every text."""
    ask, name = company.client(), company.name
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
    if row_id is None:
        row_id = TRASHED[endpoint.path.split("/")[2]] if endpoint.name == "restore" else 1
    return endpoint.path.format(id=row_id)


def body_of(endpoint: Endpoint) -> Any:
    """A body that the endpoint accepts, or None for one without; KeyError for one nobody has thought of."""
    if endpoint.body is None:
        return None
    name = endpoint.body.__name__
    if name.endswith("Bulk"):
        draft, patch = (BODIES[name.replace("Bulk", kind)] for kind in ("Draft", "Patch"))
        new = {**draft, "project_id": 1} if name == "ColumnBulk" else draft
        restored = TRASHED[endpoint.path.split("/")[2]]
        return {"create": [new], "update": [{"id": 1, **patch}], "delete": [2], "restore": [restored]}
    if name == "ColumnDraft" and "{id}" not in endpoint.path:
        return {**BODIES[name], "project_id": 1}
    if name == "MemberDraft":
        # One address is sent only so many invitations a day, and tests of one process share the day.
        return {**BODIES[name], "email": f"new.{token_hex(6)}@example.com"}
    return BODIES[name]


def ask(company: Company, endpoint: Endpoint, path: str, role: str = "owner", **headers: str) -> Any:
    """The answer to the endpoint's ordinary request at this path."""
    client = company.client(role)
    if endpoint.name in FILES:
        media_type, content = FILES[endpoint.name]
        return client.raw(endpoint.method, path, content, {"Content-Type": media_type, **headers})
    body = body_of(endpoint)
    if body == BODIES["DeletionDraft"]:
        body = {"company": company.slug}
    if endpoint.method in {"GET", "DELETE"}:
        return getattr(client, endpoint.method.lower())(path, headers=headers)
    return getattr(client, endpoint.method.lower())(path, {} if body is None else body, headers=headers)
