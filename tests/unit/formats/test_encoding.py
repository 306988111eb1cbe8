"""Encodings of uploaded files are found out, or refused by name."""

from __future__ import annotations

import io

import pytest

from crmtenant.errors import Invalid, TooLarge, Unsupported
from crmtenant.formats.encoding import known_charset, lines_of, text_of
from crmtenant.formats.stray_bytes import western
from crmtenant.text.countries import country_code

GERMAN = "Vorname;Nachname;Ort\nJörg;Müller;München\nÄnne;Großkopf;Köln\n"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", GERMAN),
        ("utf-8-sig", GERMAN),
        ("utf-16", GERMAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-32", GERMAN),
        ("cp1252", GERMAN),
        ("cp1252", "Name;Ort\nAnna;Köln\n"),
        ("cp1252", "Name,Company\nAnna,Bob’s – “Café” €5\n"),
        ("cp1252", "Nombre;Ciudad\nPeña;Logroño\nIñigo Núñez;Cádiz\n"),
        ("cp1250", "Imię;Miasto\nŁukasz Żółkiewski;Łódź\nGrażyna Wiśniewska;Częstochowa\n"),
        ("cp1251", "Имя;Город\nИван Петров;Москва\nОльга;Санкт-Петербург\n"),
        ("cp932", "名前,会社\n山田太郎,株式会社東京商事\n鈴木花子,大阪物産\n"),
        ("mac_roman", GERMAN.replace("\n", "\r")),
        ("mac_roman", "Prénom;Nom\rRenée;Besançon\rJosé;Núñez\r"),
        ("cp850", GERMAN.replace("\n", "\r\n")),
        ("cp850", "Name;Ort\r\nÄnne Größe;Köln\r\nZoë;Düren\r\n"),
        ("cp850", "Nom;Ville\r\nRenée;Orléans\r\nFrançois;Besançon\r\n"),
        ("cp850", "Nome;Città\r\nNicolò Bianchi;Forlì\r\n"),
        ("cp852", "Imię;Miasto\r\nŁukasz Żółkiewski;Łódź\r\nGrażyna;Częstochowa\r\n"),
    ],
)
def test_text_comes_back_whatever_encoding_it_was_in(encoding: str, text: str) -> None:
    assert text_of(io.BytesIO(text.encode(encoding))).read() == text


def test_an_umlaut_far_into_an_ascii_file_still_counts() -> None:
    text = "Name\n" + "Anna\n" * 100_000 + "Jörg Müller\n"
    assert text_of(io.BytesIO(text.encode("cp1252"))).read() == text


def test_a_declared_charset_wins_over_the_likeliest() -> None:
    turkish = "Ad;Şehir\nAyşe Yılmaz;İstanbul\n"
    assert text_of(io.BytesIO(turkish.encode("cp1254")), "windows-1254").read() == turkish


def test_a_byte_order_mark_wins_over_a_declared_charset() -> None:
    assert text_of(io.BytesIO(GERMAN.encode("utf-8-sig")), "latin-1").encoding == "utf-8-sig"


@pytest.mark.parametrize(
    "charset", ["rot13", "zip", "idna", "punycode", "unicode_escape", "klingon", "utf-8\0"]
)
def test_codecs_that_are_no_charsets_are_unknown(charset: str) -> None:
    assert known_charset(charset) is None
    with pytest.raises(Unsupported):
        text_of(io.BytesIO(b"x"), charset)


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF8", "latin1", "ISO-8859-15", "windows-1252", "Shift_JIS", "utf-16le"]
)
def test_charsets_are_known_by_their_names(charset: str) -> None:
    assert known_charset(charset)


def test_a_refusal_names_the_encoding_and_the_place() -> None:
    with pytest.raises(Invalid) as refusal:
        text_of(io.BytesIO(b"Name\nAnn\xff\n"), "utf-8")
    assert refusal.value.reason == "undecodable"
    assert "utf-8" in refusal.value.detail
    assert "byte 8" in refusal.value.detail


def test_the_place_of_a_flaw_is_right_beyond_the_first_block() -> None:
    with pytest.raises(Invalid, match="byte 1500000 "):
        text_of(io.BytesIO(b"a" * 1_500_000 + b"\xff"), "utf-8")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["bare", "byte order mark"])
def test_one_stray_byte_leaves_the_rest_of_the_file_as_it_is(mark: bytes) -> None:
    content = mark + GERMAN.encode() * 50 + b"Ul\xdf;x\x81\n"
    text = text_of(io.BytesIO(content))
    read = text.read()
    assert read.startswith(GERMAN * 50)
    assert western(read).endswith("Ulß;x\ufffd\n")
    assert text.source.is_told_by_row


def test_files_pasted_together_are_each_read_in_their_encoding() -> None:
    text = text_of(io.BytesIO(GERMAN.encode("cp1252") * 9 + GERMAN.encode()))
    assert text.read() == GERMAN * 10
    assert (text.source.is_guessed, text.source.is_told_by_row) == (True, False)


@pytest.mark.parametrize(
    "picture", [b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01" * 20, bytes(range(256)) * 9]
)
def test_pictures_are_in_no_encoding(picture: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        text_of(io.BytesIO(picture))
    assert refusal.value.reason == "undecodable"


def test_an_endless_line_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(Invalid) as refusal:
        list(lines_of(text_of(io.BytesIO(b"a" * 5_000_000))))
    assert refusal.value.field_errors[0].code == "line_too_long"
    assert not isinstance(refusal.value, TooLarge)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UK", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("Deutschland", "DE"),
        ("GERMANY", "DE"),
        ("deu", "DE"),
        ("Österreich", "AT"),
        ("España", "ES"),
        ("日本", "JP"),
        ("Côte d’Ivoire", "CI"),
        ("United States of America", "US"),
        ("Czech Republic", "CZ"),
        ("Türkiye", "TR"),
        ("Holland", "NL"),
        ("Nowhere", None),
        ("ZZ", None),
        ("", None),
    ],
)
def test_countries_are_known_by_their_names_and_codes(name: str, code: str | None) -> None:
    assert country_code(name) == code
