"""Who is the same in an import: within a file, across imports, in CSV and vCard."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import event, insert

from crmtenant.formats.csv.writer import csv_lines
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.formats.vcard.writer import vcards
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.transfer.contact_import_rows import ImportResult
from tests.integration.transfer.importing import MEMBER, Importing

COLLEAGUES = (
    "Company,Name,E-Mail,Phone\n"
    "Musterdach GmbH,Hans Muster,info@musterdach.example,089 111111\n"
    "Musterdach GmbH,Greta Muster,info@musterdach.example,089 222222\n"
    "Musterdach GmbH,Ali Beispiel,info@musterdach.example,089 333333\n"
)
KEYLESS = (
    "BEGIN:VCARD\nVERSION:3.0\nUID:7d1f0c1e-0001\nN:Keylos;Kai;;;\nFN:Kai Keylos\nNOTE:met at the fair\n"
    "ADR;TYPE=home:;;Weg 1;Ulm;;89073;Germany\nEND:VCARD\n"
)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.created, result.updated, result.skipped, len(result.errors)


def card(name: str, *lines: str) -> str:
    return "\n".join(("BEGIN:VCARD", "VERSION:3.0", f"FN:{name}", *lines, "END:VCARD", ""))


def told(result: ImportResult) -> list[tuple[int, str, str]]:
    return [(decision.row, decision.pointer, decision.code) for decision in result.decisions]


@pytest.mark.parametrize("on_duplicate", ["update", "skip"])
def test_another_name_at_a_shared_address_is_another_person(importing: Importing, on_duplicate: str) -> None:
    result = importing.csv(COLLEAGUES, on_duplicate=on_duplicate)
    assert counts(result) == (3, 0, 0, 0)
    assert told(result) == [(3, "/emails", "shared_address"), (4, "/emails", "shared_address")]
    assert "“Hans Muster”" in result.decisions[0].detail
    assert importing.names() == ["Ali Beispiel", "Greta Muster", "Hans Muster", "Musterdach GmbH"]
    assert [len(c.phones) for c in importing.contacts() if c.kind == "person"] == [1, 1, 1]


def test_so_it_is_across_imports(importing: Importing) -> None:
    header, *rows = COLLEAGUES.splitlines()
    for row in rows:
        assert counts(importing.csv(f"{header}\n{row}\n")) == (1, 0, 0, 0)
    for row in reversed(rows):
        result = importing.csv(f"{header}\n{row}\n")
        assert (counts(result), told(result)) == ((0, 0, 1, 0), [])


def test_so_it_is_by_telephone_and_in_vcards(importing: Importing) -> None:
    shared = ("TEL:+49 89 123456",)
    text = card("Hans Muster", *shared) + card("Greta Muster", *shared) + card("H. Muster", *shared)
    result = importing.vcards(text)
    assert (counts(result), told(result)) == ((2, 0, 1, 0), [(2, "/phones", "shared_address")])
    assert importing.names() == ["Greta Muster", "Hans Muster"]


@pytest.mark.parametrize(
    "name", ["MUSTER, Hans", "Dr. Hans Muster", "H. Muster", "Hans", "Häns Muster", "Herr Muster", ""]
)
def test_a_name_that_does_not_contradict_is_the_same_person(importing: Importing, name: str) -> None:
    importing.csv("Name,E-mail\nHans Muster,hans@muster.example\n")
    result = importing.csv(f'Name,E-mail,City\n"{name}",HANS@muster.example,Kiel\n')
    assert counts(result) == (0, 1, 0, 0)
    assert importing.contact("Hans Muster").addresses[0]["city"] == "Kiel"


def test_a_name_that_says_more_is_taken_with_its_parts(importing: Importing) -> None:
    importing.csv("Name,E-mail\nA. Berg,anna@x.example\n")
    assert counts(importing.csv("First Name,Last Name,E-mail\nAnna Maria,Berg,anna@x.example\n")) == (
        0,
        1,
        0,
        0,
    )
    anna = importing.contact("Anna Maria Berg")
    assert (anna.given_name, anna.family_name, anna.match_key) == ("Anna Maria", "Berg", "anna berg maria")
    assert counts(importing.csv("First Name,Last Name,E-mail\nA.,Berg,anna@x.example\n")) == (0, 0, 1, 0)
    assert importing.names() == ["Anna Maria Berg"]


def test_a_row_that_may_be_about_several_is_about_none_of_them(importing: Importing) -> None:
    importing.csv(COLLEAGUES)
    result = importing.csv("E-mail,City\ninfo@musterdach.example,Kiel\n")
    assert (counts(result), told(result)) == ((1, 0, 0, 0), [(2, "/emails", "several_fit")])
    nothing_new = importing.csv("E-mail\ninfo@musterdach.example\n")
    assert (counts(nothing_new), told(nothing_new)) == ((0, 0, 1, 0), [])


def test_of_one_with_a_name_and_one_without_the_named_one_is_meant(importing: Importing) -> None:
    importing.csv("Name,E-mail\nHans Muster,info@x.example\n")
    importing.csv("E-mail\ninfo@x.example\n", on_duplicate="create")
    assert counts(importing.csv("Name,E-mail,City\nH. Muster,info@x.example,Kiel\n")) == (0, 1, 0, 0)
    assert importing.contact("Hans Muster").addresses


def test_persons_without_mail_and_telephone_are_not_doubled(importing: Importing) -> None:
    assert [counts(importing.vcards(KEYLESS)) for _ in range(3)] == [(1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0)]
    without_uid = KEYLESS.replace("UID:7d1f0c1e-0001\n", "")
    assert counts(importing.vcards(without_uid)) == (0, 0, 1, 0)
    assert counts(importing.vcards(without_uid.replace("Ulm", "Bonn"))) == (1, 0, 0, 0)
    assert counts(importing.csv('Name\n"Keylos, Kai"\n')) == (0, 0, 1, 0)
    assert counts(importing.csv("Name,Company\nKai Keylos,Acme\n")) == (1, 0, 0, 0)
    assert counts(importing.csv("Name,Company\nKai Keylos,Acme\n")) == (0, 0, 1, 0)


def test_rows_that_say_the_same_within_a_file_are_one(importing: Importing) -> None:
    text = "Name,City\nAnna Berg,Kiel\nAnna Berg,Bonn\nBerg Anna,Kiel\nAnna Berg,\n"
    assert counts(importing.csv(text)) == (2, 0, 2, 0)
    assert counts(importing.csv(text)) == (0, 0, 4, 0)


def test_the_same_uid_is_the_same_whatever_else_differs(importing: Importing) -> None:
    importing.vcards(card("Anna Berg", "UID:urn:uuid:7D1F0C1E-1111-4222-8333-444455556666"))
    again = card("Anna Maier", "UID:7d1f0c1e-1111-4222-8333-444455556666", "EMAIL:anna@maier.example")
    result = importing.vcards(again)
    assert (counts(result), told(result)) == ((0, 1, 0, 0), [(1, "/name", "other_name")])
    assert importing.contact("Anna Berg").email_keys == ["anna@maier.example"]


def test_a_short_uid_and_another_programs_number_need_a_name_that_agrees(importing: Importing) -> None:
    importing.vcards(card("Anna Berg", "UID:1"))
    assert counts(importing.vcards(card("Bob Ray", "UID:1"))) == (1, 0, 0, 0)
    assert counts(importing.vcards(card("Anna Berg", "UID:1", "NOTE:new"))) == (0, 1, 0, 0)
    importing.csv("Kundennummer,Name\n4711,Carla Diaz\n4711,Dora Diaz\n")
    result = importing.csv("Kundennummer,Name,Phone\n4711,Carla Diaz,0431 12345\n4711,Eva Ott,\n")
    assert (counts(result), told(result)) == ((1, 1, 0, 0), [])
    assert importing.contact("Carla Diaz").phones


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("Müller Söhne AG", "MUELLER SÖHNE AG", True),
        ("Acme Ltd.", "Acme Limited", True),
        ("Acme GmbH", "Acme AG", False),
        ("Acme", "Acme GmbH", False),
    ],
)
def test_organisations_are_known_by_their_name(
    importing: Importing, first: str, second: str, *, is_one: bool
) -> None:
    importing.csv(f"Company,City\n{first},Kiel\n")
    assert counts(importing.csv(f"Company,City\n{second},Kiel\n")) == (
        (0, 0, 1, 0) if is_one else (1, 0, 0, 0)
    )
    importing.csv(f"Company,Name\n{second},Anna\n")
    assert (importing.contact("Anna").organization_id == importing.contact(first).id) == is_one


def test_organisations_at_one_address_are_two_with_two_names(importing: Importing) -> None:
    text = "kind,name,emails/0/value\n"
    importing.csv(text + "organization,Acme GmbH,info@acme.example\n")
    result = importing.csv(
        text + "organization,Acme Holding GmbH,info@acme.example\norganization,ACME,info@acme.example\n"
    )
    assert (counts(result), told(result)) == ((1, 0, 1, 0), [(2, "/emails", "shared_address")])


def exported(importing: Importing) -> list[dict[str, object]]:
    names = {contact.id: contact.name for contact in importing.contacts()}
    contacts = sorted(importing.contacts(), key=lambda contact: (contact.kind, contact.id))
    return [
        {
            **{name: getattr(contact, name) for name in CONTACT.columns},
            "organization": names.get(contact.organization_id),
        }
        for contact in contacts
    ]


def test_our_own_export_changes_nothing(importing: Importing) -> None:
    importing.csv(COLLEAGUES)
    importing.csv(COLLEAGUES.replace("Ali Beispiel", "").replace("info@", "new@"))
    importing.csv("Name,City\nAnna Berg,Kiel\nAnna Berg,Bonn\nÆsa Ødegård,\n山田太郎,\n")
    importing.csv("First Name,Last Name,Title\nJürgen,Müller,Dr.\n,Einwort,\n")
    importing.csv("Company,Phone\nMüller Söhne AG,030 123456\n")
    importing.vcards(KEYLESS + card("O'Brien", "NOTE:one,two;three\\nfour", "X-SHOE:42"))
    importing.csv(
        "Name,E-mail,Note\nTwin,twin@x.example,one\nTwin,twin@x.example,two\n", on_duplicate="create"
    )
    before = [(contact.id, contact.version) for contact in importing.contacts()]
    rows = len(before)
    assert counts(importing.csv("".join(csv_lines(exported(importing))))) == (0, 0, rows, 0)
    assert counts(importing.vcards("".join(vcards(exported(importing))))) == (0, 0, rows, 0)
    assert [(contact.id, contact.version) for contact in importing.contacts()] == before


def test_many_at_one_address_take_time_in_proportion(importing: Importing) -> None:
    """Each chunk asks as often, and reads as little, however many there are at the address."""
    fetched = []
    connection = importing.session.connection()

    @event.listens_for(connection, "after_cursor_execute")
    def count(_connection, cursor, statement, *_):
        if statement.startswith("SELECT contact"):
            fetched.append(cursor.rowcount)

    rows = [f"Person {n} Muster,info@crowd.example" for n in range(3000)]
    result = importing.csv("Name,E-mail\n" + "\n".join(rows) + "\n")
    assert counts(result) == (3000, 0, 0, 0)
    assert len(result.decisions) == 2999
    assert len(fetched) <= 2 * 6
    assert sum(fetched) <= 500
    fetched.clear()
    again = importing.csv("Name,E-mail\n" + "\n".join(reversed(rows)) + "\n")
    assert counts(again) == (0, 0, 3000, 0)
    assert sum(fetched) <= 3000 + 3000


def test_a_contact_made_by_hand_is_known_too(importing: Importing) -> None:
    importing.csv("Name,E-mail,Phone\nAnna Berg,anna@x.example,0431 12345\n")
    row = {
        column.name: getattr(importing.contact("Anna Berg"), column.name)
        for column in Contact.__table__.columns
    }
    del row["id"], row["search"]
    importing.session.execute(insert(Contact), [{**row, "search": [], "name": "Bob", "match_key": "bob"}])
    assert counts(importing.csv("Name,Phone\nBob,+49 431 12345\n")) == (0, 0, 1, 0)
    assert {contact.created_by for contact in importing.contacts()} == {MEMBER}


def test_a_uid_is_no_custom_field() -> None:
    (parsed,) = read_vcards(io.BytesIO(KEYLESS.encode()), max_rows=9)
    assert parsed.uids == ("7d1f0c1e-0001",)
    assert "custom" not in parsed.contact
