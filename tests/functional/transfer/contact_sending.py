"""Contacts as files, and how they are sent."""

from __future__ import annotations

from typing import Any

from webtest import TestResponse

from tests.functional.installation import Client

PEOPLE = (
    "Company,Name,E-mail,Phone\nAcme,Anna Berg,anna@acme.example,+49 431 12345\n,Bob Ray,bob@ray.example,\n"
)
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Carla Diaz\r\nORG:Acme\r\nEMAIL:carla@acme.example\r\nEND:VCARD\r\n"
DONE = {"created": 2, "updated": 0, "skipped": 0, "errors": []}


def send(
    client: Client, content: str | bytes, content_type: str = "text/csv", query: str = "", **headers: str
) -> TestResponse:
    body = content.encode() if isinstance(content, str) else content
    return client.raw("POST", f"/api/contacts/import{query}", body, {"Content-Type": content_type, **headers})


def counted(answer: TestResponse) -> dict[str, Any]:
    """What an import answered, but for the number of its batch."""
    assert ("Batch" in answer.headers) == (answer.json["batch_id"] is not None)
    return {name: value for name, value in answer.json.items() if name != "batch_id"}


def form(*parts: tuple[str, bytes]) -> tuple[bytes, str]:
    """A form of these parts: what stands after `form-data; `, and the content."""
    lines = [
        b"--b0undary\r\nContent-Disposition: form-data; " + said.encode() + b"\r\n\r\n" + content + b"\r\n"
        for said, content in parts
    ]
    return b"".join(lines) + b"--b0undary--\r\n", "multipart/form-data; boundary=b0undary"


def names(client: Client) -> set[str]:
    return {item["name"] for item in client.read("/api/contacts", limit=1000)["items"]}


def contents(client: Client) -> dict[str, dict[str, Any]]:
    """The contacts by name, without what every company numbers for itself."""
    items = client.read("/api/contacts", limit=1000)["items"]
    by_id = {item["id"]: item["name"] for item in items}
    by_server = {"id", "created_at", "updated_at", "created_by", "updated_by", "version"}
    return {
        item["name"]: {name: value for name, value in item.items() if name not in by_server}
        | {"organization_id": by_id.get(item["organization_id"])}
        for item in items
    }
