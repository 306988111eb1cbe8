"""Habits of the programs that write vCards: folds within characters, labels, birthdays without a year."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.formats.vcard.writer import vcards


def card(*lines: str | bytes, **options: Any) -> ParsedContact:
    whole = [
        b"BEGIN:VCARD",
        *(line.encode() if isinstance(line, str) else line for line in lines),
        b"END:VCARD",
        b"",
    ]
    (found,) = read_vcards(io.BytesIO(b"\r\n".join(whole)), max_rows=9, **options)
    assert not found.field_errors
    return found


def labels(*lines: str) -> list[tuple[str | None, str]]:
    contact = card("FN:Anna", *lines).contact
    entries = (
        entry for field in ("phones", "emails", "addresses", "urls") for entry in contact.get(field, ())
    )
    return [(entry.get("label"), entry.get("value") or entry["city"]) for entry in entries]


@pytest.mark.parametrize("charset", [None, "utf-8"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_fold_within_a_character_is_no_fault(charset: str | None, end: bytes) -> None:
    whole = "NOTE:" + "ä€👍" * 40
    for at in range(5, 40):
        folded = whole.encode()[:at] + end + b" " + whole.encode()[at:]
        content = end.join([b"BEGIN:VCARD", "FN:Jörg Müller".encode(), folded, b"END:VCARD", b""])
        (found,) = read_vcards(io.BytesIO(content), max_rows=9, charset=charset)
        assert (found.contact["name"], found.contact["note"]) == ("Jörg Müller", whole[5:])
        assert found.oddities == []


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=93=D0=B0=D1=", " =8C"], "Гаь"),
        (["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=93=D0=B0=D1=", "=8C"], "Гаь"),
        (["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=93=20=D0=B0=", " =D0=B0"], "Г аа"),
        (["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E4=BD=", " =A0=E5=A5=BD"], "你好"),
        (
            ["FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg von der=", " M=C3=BChle"],
            "Jörg von der Mühle",
        ),
        (["FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:J=F6rg der=", " =D6ger"], "Jörg der Öger"),
    ],
)
def test_a_break_of_quoted_printable_within_a_character_is_no_fault(lines: list[str], name: str) -> None:
    assert card(*lines).contact["name"] == name


def test_many_soft_breaks_with_spaces_cost_little() -> None:
    started = time.process_time()
    card("FN:Anna", "NOTE;ENCODING=QUOTED-PRINTABLE:x=", *[" =C3="] * 40_000)
    assert time.process_time() - started < 3


def test_a_byte_that_is_no_utf_8_is_told_with_its_property() -> None:
    found = card("FN:Jörg Müller", b"NOTE:Stra\xdfe")
    assert (found.contact["name"], found.contact["note"]) == ("Jörg Müller", "Straße")
    assert [(told.code, told.column, told.value) for told in found.oddities] == [
        ("guessed_character", "NOTE", "Straße")
    ]


def test_a_card_of_the_old_macintosh_is_read() -> None:
    content = "BEGIN:VCARD\rFN:Jörg Müller\rORG:Großhandel Köln\rEND:VCARD\r".encode("mac_roman")
    (found,) = read_vcards(io.BytesIO(content), max_rows=9)
    assert (found.contact["name"], found.organization) == ("Jörg Müller", "Großhandel Köln")


def test_own_labels_stand_in_type() -> None:
    assert labels(
        "TEL;TYPE=Zweithandy:1234567", "TEL;TYPE=X-Werkstatt:2234567", "TEL;TYPE=work,voice:3234567",
        'TEL;TYPE="cell,text":4234567', "TEL;IPHONE;CELL;PREF:5234567", "TEL;TYPE=other:6234567",
        "EMAIL;TYPE=INTERNET;TYPE=Rechnung:a@x.example", "EMAIL;TYPE=INTERNET:b@x.example",
        "ADR;TYPE=Lager:;;;Ulm;;;", "ADR;TYPE=dom,home,postal,parcel:;;;Kiel;;;", "URL;TYPE=Shop:https://x.example",
    ) == [
        ("Zweithandy", "1234567"), ("Werkstatt", "2234567"), ("work", "3234567"), ("mobile", "4234567"),
        ("mobile", "5234567"), ("other", "6234567"), ("Rechnung", "a@x.example"), (None, "b@x.example"),
        ("Lager", "Ulm"), ("home", "Kiel"), ("Shop", "https://x.example"),
    ]  # fmt: skip


def test_one_number_may_be_several_things() -> None:
    lines = [
        "TEL;TYPE=WORK,VOICE:1234567",
        "TEL;TYPE=WORK,FAX:1234567",
        "TEL;TYPE=WORK:1234567",
        "TEL:1234567",
    ]
    assert labels(*lines) == [("work", "1234567"), ("fax", "1234567")]
    assert labels("TEL:1234567", "TEL;TYPE=HOME:1234567") == [("home", "1234567")]


@pytest.mark.parametrize(
    ("line", "birthday", "kept"),
    [
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-09", None, "--05-09"),
        ("BDAY;VALUE=date:1604-12-24", None, "--12-24"),
        ("BDAY;X-APPLE-OMIT-YEAR=1900:1900-05-09", None, "--05-09"),
        ("BDAY:--0509", None, "--0509"),
        ("BDAY:19800509", "1980-05-09", None),
    ],
)
def test_a_birthday_may_have_no_year(line: str, birthday: str | None, kept: str | None) -> None:
    contact = card("FN:Anna", line).contact
    assert (contact.get("birthday"), contact.get("custom", {}).get("birthday")) == (birthday, kept)


def test_own_labels_are_written_as_other_programs_read_them() -> None:
    contact = {
        "kind": "person",
        "name": "Anna",
        "phones": [{"label": "Zweithandy", "value": "123"}, {"label": "work", "value": "456"}],
        "addresses": [{"label": "Lager; Süd", "city": "Ulm"}],
    }
    lines = "".join(vcards([contact])).replace("\r\n ", "").split("\r\n")
    assert 'item1.TEL;X-CRMTENANT-LABEL="Zweithandy":123' in lines
    assert "item1.X-ABLabel:Zweithandy" in lines
    assert "TEL;TYPE=work:456" in lines
    assert "item2.X-ABLabel:Lager\\; Süd" in lines
    foreign = (
        "".join(vcards([contact]))
        .replace("-//crmtenant//crmtenant//EN", "other")
        .replace("X-CRMTENANT-LABEL", "X-A")
    )
    (found,) = read_vcards(io.BytesIO(foreign.encode()), max_rows=9)
    assert [entry["label"] for entry in found.contact["phones"]] == ["Zweithandy", "work"]
    assert found.contact["addresses"][0]["label"] == "Lager; Süd"
