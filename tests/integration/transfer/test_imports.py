"""Imports write valid rows, report invalid ones, find duplicates, and leave nothing half-written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.db.pool.broker import Broker
from crmtenant.errors import Conflict, TooLarge
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.transfer.contact_import_rows import ImportResult
from tests.integration.transfer.importing import MEMBER, Importing

PEOPLE = (
    "Company,Name,E-mail,Phone,City\n"
    "Acme,Anna Berg,anna@acme.example,0431 12345,Kiel\n"
    "ACME,Bob Ray,bob@acme.example,,\n"
    ",Carla Diaz,carla@diaz.example,,\n"
    "Bolt GmbH,,info@bolt.example,,Bonn\n"
)


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.created, result.updated, result.skipped, len(result.errors)


def test_people_are_linked_to_one_organisation_of_the_name(importing: Importing) -> None:
    assert counts(importing.csv(PEOPLE)) == (4, 0, 0, 0)
    assert importing.names() == ["Acme", "Anna Berg", "Bob Ray", "Bolt GmbH", "Carla Diaz"]
    acme, anna, bob = (importing.contact(name) for name in ("Acme", "Anna Berg", "Bob Ray"))
    assert (acme.kind, anna.organization_id, bob.organization_id) == ("organization", acme.id, acme.id)
    assert importing.contact("Bolt GmbH").kind == "organization"
    assert importing.contact("Carla Diaz").organization_id is None
    assert anna.created_by == anna.updated_by == MEMBER
    assert (anna.version, anna.phones[0]["e164"]) == (1, "+4943112345")


def test_an_organisation_that_is_there_is_linked_to_and_not_made_again(importing: Importing) -> None:
    importing.csv("Company\nÄcme\n")
    importing.csv("Company,Name\nacme,Anna\nÄCME,Bob\n")
    assert importing.names() == ["Anna", "Bob", "Äcme"]
    assert {contact.organization_id for contact in importing.contacts()} == {
        None,
        importing.contact("Äcme").id,
    }


def test_people_are_found_by_the_name_of_their_organisation(importing: Importing, session: Session) -> None:
    importing.csv(PEOPLE)
    found = session.scalars(
        select(Contact.name).where(Contact.search.bool_op("@@")(func.to_tsquery("simple", "acme")))
    )
    assert {"Anna Berg", "Bob Ray"} <= set(found)


def test_the_same_file_again_changes_nothing(importing: Importing) -> None:
    importing.csv(PEOPLE)
    before = [(contact.id, contact.version) for contact in importing.contacts()]
    assert counts(importing.csv(PEOPLE)) == (0, 0, 4, 0)
    assert [(contact.id, contact.version) for contact in importing.contacts()] == before


def test_an_update_fills_and_adds_and_never_wipes(importing: Importing) -> None:
    importing.csv(
        "Name,E-mail,Phone,Job Title,Notes,Tags,Shoe size\n"
        "Anna Berg,anna@acme.example,0431 12345,,keep me,old,42\n"
    )
    result = importing.csv(
        "Company,Name,E-mail,E-mail 2,Phone,Mobile,Job Title,Notes,Tags,Shoe size,Hat size,City\n"
        "Acme,Anna Berg,ANNA@acme.example,new@acme.example,+49 431 12345,0170 1234567,Boss,other,new,43,7,Kiel\n"
    )
    assert counts(result) == (0, 1, 0, 0)
    anna = importing.contact("Anna Berg")
    assert [entry["value"] for entry in anna.emails] == ["anna@acme.example", "new@acme.example"]
    assert [entry["value"] for entry in anna.phones] == ["0431 12345", "0170 1234567"]
    assert [entry["is_primary"] for entry in anna.phones] == [True, False]
    assert (anna.job_title, anna.note, anna.tags) == ("Boss", "keep me", ["old", "new"])
    assert anna.custom == {"Shoe size": "42", "Hat size": "7"}
    assert anna.addresses[0]["city"] == "Kiel"
    assert anna.organization_id == importing.contact("Acme").id
    assert anna.email_keys == ["anna@acme.example", "new@acme.example"]
    assert anna.version == 2


def test_an_empty_row_wipes_nothing(importing: Importing) -> None:
    importing.csv(PEOPLE)
    assert counts(importing.csv("Name,E-mail,Phone,City\nAnna Berg,anna@acme.example,,\n")) == (0, 0, 1, 0)
    assert importing.contact("Anna Berg").phones


@pytest.mark.parametrize(
    ("row", "is_the_same"),
    [
        ("Someone Else,anna@acme.example,", False),
        ("anna berg,anna@acme.example,", True),
        ("anna berg,,+49 431 12345", True),
        ("Anna Berg,,0431-12345", True),
        ("Someone Else,,0431 12345", False),
        ("Anna Berg,,0431 99999", False),
        ("Anna Berg,other@acme.example,", False),
    ],
)
def test_duplicates_are_known_by_address_or_number_and_a_name_that_agrees(
    importing: Importing, row: str, *, is_the_same: bool
) -> None:
    importing.csv("Name,E-mail,Phone\nAnna Berg,anna@acme.example,0431 12345\n")
    result = importing.csv(f"Name,E-mail,Phone\n{row}\n", on_duplicate="skip")
    assert counts(result) == ((0, 0, 1, 0) if is_the_same else (1, 0, 0, 0))


def test_a_person_and_an_organisation_are_no_duplicates(importing: Importing) -> None:
    text = "Company,Name,E-mail\nAcme,,info@acme.example\nAcme,Anna,info@acme.example\n"
    assert counts(importing.csv(text)) == (2, 0, 0, 0)
    assert importing.contact("Anna").organization_id == importing.contact("Acme").id


def test_of_several_with_the_address_the_namesake_is_meant(importing: Importing) -> None:
    importing.csv("Name,E-mail\nAnna,team@x.example\nBob,team@x.example\n", on_duplicate="create")
    importing.csv("Name,E-mail,City\nBob,team@x.example,Kiel\n")
    assert [bool(importing.contact(name).addresses) for name in ("Anna", "Bob")] == [False, True]


def test_skipping_leaves_what_is_there_and_makes_no_organisation_for_it(importing: Importing) -> None:
    importing.csv("Name,E-mail\nAnna Berg,anna@acme.example\n")
    result = importing.csv(PEOPLE, on_duplicate="skip")
    assert counts(result) == (3, 0, 1, 0)
    assert importing.contact("Anna Berg").version == 1
    skipped = importing.csv("Company,Name,E-mail\nNew Ltd,Bob Ray,bob@acme.example\n", on_duplicate="skip")
    assert counts(skipped) == (0, 0, 1, 0)
    assert "New Ltd" not in importing.names()


def test_creating_does_not_look_but_still_links(importing: Importing) -> None:
    importing.csv(PEOPLE)
    assert counts(importing.csv(PEOPLE, on_duplicate="create")) == (4, 0, 0, 0)
    assert importing.names().count("Anna Berg") == 2
    assert importing.names().count("Acme") == 1


def test_rows_of_one_file_are_duplicates_of_each_other(importing: Importing) -> None:
    text = "Name,E-mail,Phone\nAnna,anna@x.example,\nAnna,ANNA@X.example,0431 12345\nAnna,,0431 12345\n"
    assert counts(importing.csv(text)) == (1, 1, 1, 0)
    assert importing.contact("Anna").phones[0]["e164"] == "+4943112345"


def test_rows_of_one_file_are_duplicates_across_chunks(importing: Importing) -> None:
    others = "".join(f"Person {n},p{n}@x.example,Org {n % 7}\n" for n in range(1200))
    text = f"Name,E-mail,Company\nAnna,anna@x.example,Acme\n{others}Anna,anna@x.example,acme\n"
    assert counts(importing.csv(text)) == (1201, 0, 1, 0)
    assert len(importing.contacts()) == 1201 + 8


def test_a_contact_known_only_by_its_address_gets_its_name(importing: Importing) -> None:
    importing.csv("E-mail\nanna@x.example\n")
    importing.csv("First Name,Last Name,E-mail\nAnna,Berg,anna@x.example\n")
    anna = importing.contact("Anna Berg")
    assert (anna.given_name, anna.name_key) == ("Anna", "anna berg")


def test_the_row_of_an_organisation_fills_the_one_made_for_its_people(importing: Importing) -> None:
    text = "Company,Name,City\nAcme,Anna,\nAcme,,Kiel\n"
    for on_duplicate in ("update", "skip", "create"):
        with importing.session.begin_nested() as savepoint:
            assert counts(importing.csv(text, on_duplicate=on_duplicate)) == (2, 0, 0, 0)
            assert importing.names() == ["Acme", "Anna"]
            assert importing.contact("Acme").addresses[0]["city"] == "Kiel"
            savepoint.rollback()


def test_the_row_of_an_organisation_fills_it_in_a_later_chunk_too(importing: Importing) -> None:
    others = "".join(f",Person {n},\n" for n in range(600))
    result = importing.csv(f"Company,Name,City\nAcme,Anna,\n{others}Acme,,Kiel\n", on_duplicate="create")
    assert counts(result) == (602, 0, 0, 0)
    assert importing.contact("Acme").addresses[0]["city"] == "Kiel"


def test_organisations_may_belong_to_each_other(importing: Importing) -> None:
    text = "kind,name,organization\norganization,Acme,Bolt\norganization,Bolt,Acme\norganization,Self,Self\n"
    assert counts(importing.csv(text)) == (3, 0, 0, 0)
    acme, bolt, alone = (importing.contact(name) for name in ("Acme", "Bolt", "Self"))
    assert (acme.organization_id, bolt.organization_id, alone.organization_id) == (bolt.id, acme.id, None)


def test_odd_cells_are_kept_and_told_and_bad_rows_leave_no_trace(importing: Importing) -> None:
    text = (
        "Company,Name,E-mail,Phone\n"
        "Acme,Anna,anna@acme.example,\n"
        "Ghost Ltd,Bob,not an address,ask Anna\n"
        "\n"
        "Acme,Carla,carla@acme.example,0431 1\0\n"
        "Bolt,Dora,dora@bolt.example,0431 12345\n"
    )
    result = importing.csv(text)
    assert [(field_error.row, field_error.pointer, field_error.code) for field_error in result.errors] == [
        (3, "/emails/0/value", "invalid_email"),
        (3, "/phones/0/value", "invalid_phone"),
        (5, "", "nul_character"),
    ]
    assert [field_error.is_imported for field_error in result.errors] == [True, True, False]
    assert counts(result) == (3, 0, 0, 3)
    assert importing.names() == ["Acme", "Anna", "Bob", "Bolt", "Dora", "Ghost Ltd"]
    assert importing.contact("Bob").custom == {"E-mail": "not an address", "Phone": "ask Anna"}


def test_a_number_nobody_recognises_is_kept_as_typed(session: Session) -> None:
    importing = Importing(session, region="US")
    importing.csv("Name,Phone\nAnna,(0)2-950143\n")
    assert importing.contact("Anna").phones == [
        {"label": None, "is_primary": True, "value": "(0)2-950143", "e164": None}
    ]


def test_more_than_a_contact_holds_is_a_fault_of_the_row(importing: Importing) -> None:
    header = ",".join(f"E-mail {n}" for n in range(1, 41))
    first, second = (",".join(f"{word}{n}@x.example" for n in range(40)) for word in ("a", "b"))
    importing.csv(f"Name,{header}\nAnna,{first}\n")
    result = importing.csv(f"Name,E-mail,{header}\nAnna,a1@x.example,{second}\n")
    assert [(field_error.row, field_error.code) for field_error in result.errors] == [(2, "too_many")]
    assert len(importing.contact("Anna").emails) == 40


def test_owners_are_kept_when_they_are_members(importing: Importing) -> None:
    stranger = "u_" + "b" * 26
    importing.csv(f"kind,name,owner_id\nperson,Anna,{MEMBER}\nperson,Bob,{stranger}\n")
    assert (importing.contact("Anna").owner_id, importing.contact("Bob").owner_id) == (MEMBER, None)


def test_a_dry_run_tells_all_and_leaves_nothing(importing: Importing) -> None:
    importing.csv("Name,E-mail\nAnna Berg,anna@acme.example\n")
    result = importing.csv(PEOPLE + ",Eve,broken,,\n", dry_run=True)
    assert counts(result) == (4, 1, 0, 1)
    assert importing.names() == ["Anna Berg"]
    assert importing.contact("Anna Berg").version == 1


def test_a_file_too_long_leaves_nothing(broker: Broker, database: DatabaseAddress) -> None:
    def too_many() -> Iterator[ParsedContact]:
        yield from (ParsedContact(n, {"name": f"Person {n}"}) for n in range(600))
        raise TooLarge("A file may have at most 600 rows.")

    with pytest.raises(TooLarge), broker.begin(database) as session:
        Importing(session).parsed(too_many())
    with broker.begin(database) as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 0


def test_a_second_import_at_the_same_time_is_refused(
    importing: Importing, broker: Broker, database: DatabaseAddress
) -> None:
    importing.csv("Name\nAnna\n")
    with pytest.raises(Conflict) as refusal, broker.begin(database) as other:
        Importing(other).csv("Name\nAnna\n")
    assert refusal.value.reason == "import_running"


def test_thrown_away_contacts_are_nobody(importing: Importing, session: Session) -> None:
    importing.csv("Company,Name,E-mail\nAcme,Anna,anna@acme.example\n")
    for contact in importing.contacts():
        contact.deleted_at = contact.updated_at
    session.flush()
    assert counts(importing.csv("Company,Name,E-mail\nAcme,Anna,anna@acme.example\n")) == (1, 0, 0, 0)
    assert importing.names() == ["Acme", "Acme", "Anna", "Anna"]


def test_cards_are_counted_by_their_number(importing: Importing) -> None:
    text = "BEGIN:VCARD\nFN:Anna\nORG:Acme\nEND:VCARD\nBEGIN:VCARD\nFN:Bob\nEMAIL:x\nEND:VCARD\n"
    result = importing.vcards(text)
    assert [(field_error.row, field_error.code) for field_error in result.errors] == [(2, "invalid_email")]
    assert importing.contact("Anna").organization_id == importing.contact("Acme").id
    assert importing.contact("Bob").custom == {"EMAIL": "x"}
