"""A program somebody might write with the client that openapi-python-client made: `python use_client.py URL`."""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys

import generated
from generated import AuthenticatedClient, Client
from generated.api.contacts import (
    bulk_contacts,
    change_contact,
    create_contact,
    import_contacts,
    list_contacts,
    preview_contacts,
    read_contact,
)
from generated.api.profile import change_profile
from generated.api.registrations import register
from generated.api.search import search
from generated.api.tasks import create_task, move_task
from generated.models import (
    ContactBulk,
    ContactBulkDone,
    ContactDraft,
    ContactImportOut,
    ContactOut,
    ContactPage,
    ContactPatch,
    ContactRow,
    ContactRows,
    EmailEntry,
    ImportContactsFilesBody,
    ListContactsSort,
    Opened,
    Problem,
    ProfilePatch,
    RegistrationDraft,
    StaleProblem,
    TaskDraft,
    TaskMove,
    TaskOut,
)
from generated.types import UNSET, File


def signed_in(url: str) -> AuthenticatedClient:
    """Register a company and return a client for it."""
    draft = RegistrationDraft(
        company_name="Python", name="Ada Berg", email="ada@python.example", password="seven green umbrellas"
    )
    opened = register.sync(client=Client(base_url=url), body=draft)
    assert isinstance(opened, Opened), opened
    assert opened.refresh_token is UNSET
    return AuthenticatedClient(base_url=url, token=opened.access_token)


def write_and_read(client: AuthenticatedClient) -> ContactOut:
    """Create a contact, and change it: what is left out stays, None takes away."""
    draft = ContactDraft(
        given_name="Anna",
        job_title="Buyer",
        note="Met in Rome",
        emails=[EmailEntry(value="anna@example.com")],
    )
    made = create_contact.sync_detailed(client=client, body=draft, idempotency_key="anna")
    anna, etag = made.parsed, made.headers["ETag"]
    assert isinstance(anna, ContactOut), anna
    changed = change_contact.sync(anna.id, client=client, body=ContactPatch(note=None), if_match=etag)
    assert isinstance(changed, ContactOut), changed
    assert (changed.note, changed.job_title, changed.emails[0].value) == (None, "Buyer", "anna@example.com")
    stale = change_contact.sync(anna.id, client=client, body=ContactPatch(note="Lost"), if_match=etag)
    assert isinstance(stale, StaleProblem), stale
    found = read_contact.sync(anna.id, client=client)
    assert isinstance(found, ContactOut)
    assert found == changed
    return found


def be_refused(client: AuthenticatedClient) -> None:
    """Send what is not accepted, and be told what."""
    refused = create_contact.sync(client=client, body=ContactDraft(given_name="x" * 101))
    assert isinstance(refused, Problem)
    assert isinstance(refused.errors, list)
    assert [error.pointer for error in refused.errors] == ["/given_name"]
    nameless = change_profile.sync(client=client, body=ProfilePatch(name=""))
    assert isinstance(nameless, Problem)


def send_files(client: AuthenticatedClient) -> None:
    """Import contacts as JSON and as a CSV file in a form."""
    rows = ContactRows(items=[ContactRow(given_name="Ben"), ContactRow(given_name="Cem")])
    imported = import_contacts.sync(client=client, body=rows, dry_run=True)
    assert isinstance(imported, ContactImportOut), imported
    assert (imported.created, imported.errors) == (2, [])
    assert preview_contacts.sync(client=client, body=rows) is not None
    file = File(
        payload=io.BytesIO(b"Name,Mail\nDora,dora@example.com\n"),
        file_name="people.csv",
        mime_type="text/csv",
    )
    body = ImportContactsFilesBody(file=file, mapping=json.dumps({"Name": "name", "Mail": "emails/0/value"}))
    imported = import_contacts.sync(client=client, body=body)
    assert isinstance(imported, ContactImportOut), imported
    assert imported.created == 1


def walk(client: AuthenticatedClient) -> list[str]:
    """Read a list page by page."""
    names: list[str] = []
    page = list_contacts.sync(client=client, limit=1, sort=ListContactsSort.NAME, count=True)
    while True:
        assert isinstance(page, ContactPage), page
        names += [contact.name for contact in page.items]
        if page.next_cursor is None:
            return names
        page = list_contacts.sync(client=client, limit=1, sort=ListContactsSort.NAME, cursor=page.next_cursor)


def main(url: str) -> None:
    """Use the client."""
    for module in pkgutil.walk_packages(generated.__path__, "generated."):
        importlib.import_module(module.name)
    client = signed_in(url)
    anna = write_and_read(client)
    be_refused(client)
    send_files(client)
    done = bulk_contacts.sync(client=client, body=ContactBulk(create=[ContactDraft(name="Emil")]))
    assert isinstance(done, ContactBulkDone), done
    assert walk(client) == ["Anna", "Dora", "Emil"]
    task = create_task.sync(client=client, body=TaskDraft(title="Call Anna", contact_id=anna.id))
    assert isinstance(task, TaskOut), task
    assert isinstance(move_task.sync(task.id, client=client, body=TaskMove(project_id=None)), TaskOut)
    found = search.sync(client=client, q="anna")
    assert found is not None
    assert not isinstance(found, Problem)
    assert {one.title for one in found.items} == {"Anna", "Call Anna"}


if __name__ == "__main__":
    main(sys.argv[1])
