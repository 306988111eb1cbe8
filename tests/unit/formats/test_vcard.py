"""vCards of every version and habit become contacts; broken ones are reported by their number."""

from __future__ import annotations

import base64
import io
import time
from contextlib import suppress
from typing import Any

import pytest

from crmtenant.errors import Invalid, TooLarge
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards


def cards(text: str | bytes, **options: Any) -> list[ParsedContact]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_vcards(io.BytesIO(content), max_rows=1000, **options))


def card(*lines: str, version: str = "3.0") -> ParsedContact:
    text = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
    (found,) = cards(text)
    return found


def contact(*lines: str, version: str = "3.0") -> dict[str, Any]:
    found = card(*lines, version=version)
    assert not found.field_errors
    return found.contact


def codes(found: list[ParsedContact]) -> list[tuple[int, str]]:
    return [(entry.row, field_error.code) for entry in found for field_error in entry.field_errors]


def test_a_card_of_version_3() -> None:
    found = card(
        "N:Berg;Anna;Maria,Luise;Dr.;MSc",
        "FN:Dr. Anna Berg",
        "NICKNAME:Anni",
        "ORG:Acme\\, Inc.;Research;Lab 2",
        "TITLE:Engineer",
        "EMAIL;TYPE=INTERNET,WORK,PREF:anna@acme.example",
        "TEL;TYPE=CELL:+49 170 1234567",
        "TEL;TYPE=home;TYPE=fax:0431 99",
        "ADR;TYPE=HOME:;;Dorfstr. 5;Kiel;;24103;Germany",
        "URL:https\\://acme.example",
        "BDAY:1980-03-22T00:00:00Z",
        "CATEGORIES:VIP,Press\\, local",
        "NOTE:first\\nsecond\\; still",
        "REV:2020-01-01T00:00:00Z",
    )
    assert found.organization == "Acme, Inc."
    assert found.contact == {
        "kind": "person",
        "name": "Dr. Anna Berg",
        "prefix": "Dr.",
        "given_name": "Anna",
        "middle_name": "Maria, Luise",
        "family_name": "Berg",
        "suffix": "MSc",
        "nickname": "Anni",
        "department": "Research, Lab 2",
        "job_title": "Engineer",
        "emails": [{"label": "work", "value": "anna@acme.example", "is_primary": True}],
        "phones": [{"label": "mobile", "value": "+49 170 1234567"}, {"label": "fax", "value": "0431 99"}],
        "addresses": [
            {"label": "home", "street": "Dorfstr. 5", "city": "Kiel", "postal_code": "24103", "country": "DE"}
        ],
        "urls": [{"value": "https://acme.example"}],
        "birthday": "1980-03-22",
        "tags": ["VIP", "Press, local"],
        "note": "first\nsecond; still",
    }


def test_a_card_of_version_2_with_bare_types_and_quoted_printable() -> None:
    found = contact(
        "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg",
        "TEL;CELL;PREF:0170 12345",
        "TEL;WORK;VOICE:0431 12345",
        "ADR;WORK;ENCODING=QUOTED-PRINTABLE:;;Dorfstr. 5=0D=0AHinterhaus;Kiel;;24103;Deutschland",
        "NOTE;QUOTED-PRINTABLE;CHARSET=UTF-8:eine sehr lange Zeile =C3=BC=",
        "ber den Umbruch=",
        " hinaus",
        version="2.1",
    )
    assert (found["given_name"], found["family_name"]) == ("Jörg", "Müller")
    assert found["phones"] == [
        {"label": "mobile", "value": "0170 12345", "is_primary": True},
        {"label": "work", "value": "0431 12345"},
    ]
    assert found["addresses"][0]["street"] == "Dorfstr. 5\r\nHinterhaus"
    assert found["note"] == "eine sehr lange Zeile über den Umbruch hinaus"


def test_a_card_of_version_4() -> None:
    found = card(
        "FN:Anna Berg",
        "N:Berg;Anna;;;ing. jr,M.Sc.",
        "BDAY:--0203",
        'TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+49-431-12345;ext=102',
        'EMAIL;TYPE="home":anna@berg.example',
        "ORG;TYPE=work:Acme",
        "ADR;TYPE=work:;Suite 2;Dorfstr. 5;\r\n Kiel;;24103;DE",
        version="4.0",
    )
    assert found.contact["suffix"] == "ing. jr, M.Sc."
    assert found.contact["phones"] == [
        {"label": "work", "value": "+49-431-12345;ext=102", "is_primary": True}
    ]
    assert found.contact["emails"] == [{"label": "home", "value": "anna@berg.example"}]
    assert found.contact["addresses"][0]["street"] == "Suite 2\nDorfstr. 5"
    assert found.contact["custom"] == {"birthday": "--0203"}


def test_labels_apple_gives_in_groups_are_labels_and_names() -> None:
    found = contact(
        "FN:Anna",
        "item1.TEL:0431 12345",
        "item1.X-ABLabel:Ferienhaus",
        "item2.EMAIL:anna@berg.example",
        "item2.X-ABLabel:_$!<Work>!$_",
        "item3.X-ABDATE:2001-05-06",
        "item3.X-ABLabel:_$!<Anniversary>!$_",
    )
    assert found["phones"] == [{"label": "Ferienhaus", "value": "0431 12345"}]
    assert found["emails"] == [{"label": "work", "value": "anna@berg.example"}]
    assert found["custom"] == {"Anniversary": "2001-05-06"}


def test_a_whole_address_in_one_piece_gives_its_country() -> None:
    found = contact("FN:Anna", "ADR;TYPE=HOME:;Dorfstr. 5\\n24103 Kiel\\nGermany;;;;;")
    assert found["addresses"] == [{"label": "home", "street": "Dorfstr. 5\n24103 Kiel", "country": "DE"}]


@pytest.mark.parametrize(
    ("lines", "kind", "name", "organization"),
    [
        (["ORG:Acme"], "organization", "Acme", None),
        (["FN:Acme", "ORG:Acme;"], "organization", "Acme", None),
        (["FN:Acme GmbH", "ORG:Acme", "X-ABShowAs:COMPANY"], "organization", "Acme GmbH", "Acme"),
        (["KIND:org", "FN:Acme"], "organization", "Acme", None),
        (["N:Berg;Anna", "ORG:Acme"], "person", None, "Acme"),
        (["EMAIL:anna@berg.example"], "person", "anna@berg.example", None),
        (["TEL:0431 12345"], "person", "0431 12345", None),
    ],
)
def test_who_is_a_person_and_who_an_organisation(
    lines: list[str], kind: str, name: str | None, organization: str | None
) -> None:
    found = card(*lines)
    assert (found.contact["kind"], found.contact.get("name"), found.organization) == (
        kind,
        name,
        organization,
    )


def test_several_cards_with_junk_between_them() -> None:
    text = "junk\n\nBEGIN:VCARD\nFN:Anna\nEND:VCARD\nmore: junk\n\n\nbegin:vcard\nfn:Bob\nend:vcard\n"
    assert [(found.row, found.contact["name"]) for found in cards(text)] == [(1, "Anna"), (2, "Bob")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    text = end.join(["BEGIN:VCARD", "FN:Anna", "NOTE:one", "  two", "END:VCARD", ""])
    assert cards(text)[0].contact["note"] == "one two"


def test_cards_without_an_end_are_faults_and_the_others_come_in() -> None:
    text = "BEGIN:VCARD\nFN:Anna\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\nBEGIN:VCARD\nFN:Carl\n"
    found = cards(text)
    assert codes(found) == [(1, "unterminated_card"), (3, "unterminated_card")]
    assert found[1].contact["name"] == "Bob"


def test_a_card_inside_a_card_is_somebody_elses() -> None:
    text = "BEGIN:VCARD\nFN:Anna\nAGENT:\nBEGIN:VCARD\nFN:Assistant\nEND:VCARD\nTITLE:Boss\nEND:VCARD\n"
    (found,) = cards(text)
    assert (found.contact["name"], found.contact["job_title"]) == ("Anna", "Boss")


def test_groups_are_no_contacts() -> None:
    assert codes([card("KIND:group", "FN:Friends", "MEMBER:urn:uuid:1")]) == [(1, "unsupported_kind")]


def test_a_file_without_cards_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        cards("Name,Phone\nAnna,12345\n")
    assert refusal.value.reason == "no_card"


def test_more_cards_than_allowed_are_too_large() -> None:
    with pytest.raises(TooLarge):
        list(read_vcards(io.BytesIO(b"BEGIN:VCARD\nFN:A\nEND:VCARD\n" * 4), max_rows=3))


def test_a_nul_is_a_fault_of_its_card() -> None:
    assert codes([card("FN:An\0na")]) == [(1, "nul_character")]


def test_a_photo_is_passed_over_even_if_it_is_broken() -> None:
    broken = "not base64" + "A" * 999
    found = contact(
        "FN:Anna", f"PHOTO;ENCODING=BASE64;JPEG:{broken}", "LOGO;VALUE=uri:file:///etc/passwd", "KEY:x"
    )
    assert found == {"kind": "person", "name": "Anna"}


@pytest.mark.parametrize(
    "reference", ["file:///etc/passwd", "http://169.254.169.254/", "\\\\server\\share", "data:text/plain,x"]
)
def test_references_stay_words(reference: str) -> None:
    found = contact("FN:Anna", f"X-REFERENCE;VALUE=uri:{reference}", f"PHOTO;VALUE=uri:{reference}")
    assert set(found.get("custom", {})) <= {"x-reference"}


def test_a_photo_of_10_megabytes_does_not_delay_the_names() -> None:
    picture = base64.b64encode(b"x" * 57)
    photo = b"PHOTO;ENCODING=b:" + b"\r\n ".join([picture] * 130_000)
    started = time.process_time()
    (found,) = cards(b"BEGIN:VCARD\r\nFN:Anna\r\n" + photo + b"\r\nEND:VCARD\r\n")
    assert found.contact == {"kind": "person", "name": "Anna"}
    assert time.process_time() - started < 4


def test_a_hundred_thousand_folds_are_one_line() -> None:
    (found,) = cards("BEGIN:VCARD\nFN:Anna\nNOTE:" + "x\n " * 100_000 + "\nEND:VCARD\n")
    assert found.contact["note"] == "x" * 100_000


@pytest.mark.parametrize(
    "attack",
    [
        "AGENT:\nBEGIN:VCARD\n" * 30_000,
        "BEGIN:VCARD\n" * 30_000,
        "X-A" + ";" * 200_000 + ":v\n",
        'X-A;B="' * 40_000 + ":v\n",
        "NOTE:" + "\\" * 200_001 + "\n",
        "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=\n" * 30_000,
        "ADR:" + ";" * 200_000 + "\n",
        "item.X-ABLABEL:x\n" * 30_000,
    ],
    ids=range(8),
)
def test_hostile_cards_cost_little(attack: str) -> None:
    started = time.process_time()
    with suppress(TooLarge):
        list(read_vcards(io.BytesIO(f"BEGIN:VCARD\nFN:Anna\n{attack}END:VCARD\n".encode()), max_rows=1000))
    assert time.process_time() - started < 3


def test_a_card_with_too_many_lines_and_a_value_too_long_are_faults() -> None:
    assert codes([card(*["X-A:1"] * 6000)]) == [(1, "too_many_lines")]
    assert codes([card("FN:Anna", "NOTE:" + "x" * 300_000)]) == [(1, "too_long")]


def test_a_file_in_an_old_encoding_is_read() -> None:
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Jörg Müller\nORG:Großhandel Köln\nEND:VCARD\n"
    (found,) = cards(text.encode("cp1252"))
    assert (found.contact["name"], found.organization) == ("Jörg Müller", "Großhandel Köln")


def test_a_charset_of_one_property_is_honoured() -> None:
    text = b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=windows-1251:\xcf\xe5\xf2\xf0\xee\xe2;\xc8\xe2\xe0\xed\nEND:VCARD\n"
    (found,) = cards(text, charset="latin-1")
    assert (found.contact["given_name"], found.contact["family_name"]) == ("Иван", "Петров")


def test_a_character_cut_in_half_spoils_only_itself() -> None:
    found = contact("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=91=C3", version="2.1")
    assert found["name"] == "Ñ�"
