"""What people wrote comes along with their company: words, links, who is named; a table shows it to people."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import orjson

from tests.functional.installation import Company
from tests.functional.transfer.archives import import_archive, packed, rows_of, unpacked, with_rows


def test_entries_leave_and_arrive_with_who_is_named_in_them(
    new_company: Callable[[str], Company], target: Company
) -> None:
    company = new_company("Talkative")
    ask, member = company.client(), company.people["member"]
    ask.create("/api/contacts", kind="organization", name="Acme")
    ask.create("/api/contacts", given_name="Ada", organization_id=1)
    ask.create("/api/projects", name="Bridge")
    ask.create(
        "/api/contacts/2/entries", body=f"Ask @[{member}]", happened_at="2026-01-01T10:00:00Z", is_pinned=True
    )
    ask.create("/api/entries/1/entries", body="Done")
    ask.create("/api/projects/1/entries", kind="call", outcome="busy", minutes=3, contact_ids=[2, 1])
    ask.delete(f"/api/entries/{ask.create('/api/projects/1/entries', body='Gone')['id']}")
    ask.patch("/api/contacts/2", {"organization_id": None})
    files = unpacked(ask.get("/api/company/export").body)
    table = list(csv.DictReader(io.StringIO(files["entries.csv"].decode("utf-8-sig")), delimiter=";"))
    assert [(row["on"], row["record"], row["contacts"], row["reply_to"]) for row in table] == [
        ("contact", "Ada", "Ada", ""),
        ("contact", "Ada", "", "1"),
        ("project", "Bridge", "Ada,Acme", ""),
    ]
    assert (table[0]["body"], table[0]["organizations"]) == ("Ask @Talkative member", "Acme")
    arrived = import_archive(target, packed(files))
    assert (arrived.status_int, arrived.json["entries"]) == (200, 4), arrived.text
    there = target.client()
    (first, reply, call) = there.read("/api/entries", sort="created_at")["items"]
    before = ask.read("/api/entries/1")
    # Nobody of the old company is here, so nobody is told; the words stay as they were.
    assert (first["body"], first["mentions"]) == (before["body"], [])
    for name in ("happened_at", "contact_ids", "organization_ids", "is_pinned", "version"):
        assert first[name] == before[name]
    assert (reply["parent_id"], call["outcome"], call["minutes"]) == (1, "busy", 3)
    assert there.read("/api/contacts/2")["last_touch_at"] == ask.read("/api/contacts/2")["last_touch_at"]
    assert there.create("/api/entries/1/entries", body="Next")["id"] > 4


def test_who_is_named_is_named_by_the_id_they_have_here(target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    stranger, here = "u_" + "a" * 26, target.people["member"]
    email = target.client().read(f"/api/members/{here}")["email"]
    people = orjson.loads(files["people.json"])
    people[0] |= {"id": stranger, "email": email}
    rows = rows_of(files, "entry")
    rows[0] |= {"body": f"@[{stranger}] and @[{'u_' + 'b' * 26}]"}
    files = with_rows(files, "entry", rows) | {"people.json": orjson.dumps(people)}
    assert import_archive(target, packed(files)).status_int == 200
    entry = target.client().read(f"/api/entries/{rows[0]['id']}")
    assert entry["body"] == f"@[{here}] and @[{'u_' + 'b' * 26}]"
    assert entry["mentions"] == [here]
