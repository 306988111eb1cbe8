"""A request for each operation of the surface, with real ids or made-up ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crmtenant.api.docs.surface import ANY, Operation
from tests.functional.installation import Client
from tests.unit.api.looking import surface

OPERATIONS = [operation for operation in surface() if operation.method != ANY]
ABSENT = {
    "contact_id": "999999",
    "project_id": "999999",
    "column_id": "999999",
    "task_id": "999999",
    "entry_id": "999999",
    "saved_view_id": "999999",
    "notification_id": "999999",
    "batch_id": "999999",
    "member_id": "u_" + "a" * 26,
    "invitation_id": "i_" + "a" * 26,
    "session_id": "f_" + "a" * 26,
    "backup_id": "b_" + "a" * 26,
    "job_id": "j_" + "a" * 26,
    "grant_id": "g_" + "a" * 26,
}


def name_of(operation: Operation) -> str:
    """How a test of the operation is called."""
    return f"{operation.method} {operation.path}"


def address_of(operation: Operation, ids: Mapping[str, object]) -> str:
    """The operation's address with these ids."""
    return re.sub(r"{(\w+)}", lambda found: str(ids[found[1]]), operation.path)


def asked(client: Client, operation: Operation, ids: Mapping[str, object] = ABSENT) -> int:
    """The status of the answer to a request for the operation, with an empty JSON body where bodies go."""
    takes_body = operation.method in {"POST", "PATCH"}
    headers = {"Content-Type": "application/json"} if takes_body else {}
    body = b"{}" if takes_body else b""
    status: int = client.raw(operation.method, address_of(operation, ids), body, headers).status_int
    return status
