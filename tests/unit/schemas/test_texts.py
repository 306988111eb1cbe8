"""Text: what is kept, what is mended, what is refused."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crmtenant.ids import new_id
from crmtenant.schemas.fields import Color, Line, OptionalLine, Tags, Text, UserId, UserIds

LINE = TypeAdapter(Line)
TEXT = TypeAdapter(Text)


def code_of(adapter, value):
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(value, strict=True)
    return caught.value.errors()[0]["type"]


@given(st.text(st.characters(exclude_categories=()), max_size=250))
def test_a_line_that_was_accepted_is_composed_trimmed_and_accepted_unchanged(text):
    try:
        line = LINE.validate_python(text)
    except ValidationError:
        return
    assert line == line.strip()
    assert line == unicodedata.normalize("NFC", line)
    assert 1 <= len(line) <= 200
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in line)
    line.encode()
    assert LINE.validate_python(line) == line


@given(st.text(st.characters(exclude_categories=()), max_size=250))
def test_text_that_was_accepted_is_accepted_unchanged(text):
    try:
        lines = TEXT.validate_python(text)
    except ValidationError:
        return
    assert "\r" not in lines
    assert "\0" not in lines
    lines.encode()
    assert TEXT.validate_python(lines) == lines


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\0b", "control_character"),
        ("a\nb", "control_character"),
        ("a\tb", "control_character"),
        ("a\x1b[31mb", "control_character"),
        ("a\u2028b", "control_character"),
        ("\ud800", "invalid_text"),
        ("a\udfffb", "invalid_text"),
        ("", "required"),
        ("  \u00a0\u3000 ", "required"),
        ("\u200b\u200d", "required"),
        ("x" * 201, "too_long"),
        ("e" + "\u0301" * 10_000, "too_long"),
        (5, "string_type"),
        (True, "string_type"),
        (None, "string_type"),
        (["a"], "string_type"),
        ({"a": 1}, "string_type"),
        (b"a", "string_type"),
    ],
)
def test_a_line_is_refused_for_a_reason(value, code):
    assert code_of(LINE, value) == code


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("  Anna ", "Anna"),
        ("e\u0301", "é"),
        ("👩‍👩‍👧 family", "👩‍👩‍👧 family"),
        ("שלום", "שלום"),
        ("\u200fשלום\u200e", "שלום"),
        ("\u202eevil\u202c", "evil"),
        ("می‌خواهم", "می‌خواهم"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_line_keeps_what_people_write(value, kept):
    assert LINE.validate_python(value) == kept


def test_text_has_lines_that_end_in_newlines():
    assert TEXT.validate_python("a\r\nb\rc\td\n") == "a\nb\nc\td\n"


@pytest.mark.parametrize("value", ["\0", "\x1b", "\x85", "\ud800", "x" * 100_001])
def test_text_refuses_what_cannot_be_stored(value):
    assert code_of(TEXT, value) in ("control_character", "invalid_text", "too_long")


def test_a_blank_field_of_a_form_is_null():
    assert TypeAdapter(OptionalLine).validate_python("  ") is None


def test_tags_are_kept_once_in_their_order():
    assert TypeAdapter(Tags).validate_python(["b", " a", "b ", "a", "B"]) == ["b", "a", "B"]


@pytest.mark.parametrize("value", [["x"] * 51, ["x" * 101], "x", ["", "a"], [1], {"a": 1}])
def test_tags_are_bounded(value):
    with pytest.raises(ValidationError):
        TypeAdapter(Tags).validate_python(value, strict=True)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("red", "invalid_color"),
        ("#12345", "invalid_color"),
        ("#1234567", "invalid_color"),
        (1, "string_type"),
    ],
)
def test_a_colour_is_six_hexadecimal_digits(value, code):
    assert code_of(TypeAdapter(Color), value) == code
    assert TypeAdapter(Color).validate_python("#AbCdEf") == "#abcdef"


def test_a_person_is_named_by_an_opaque_id():
    person = new_id("u")
    assert TypeAdapter(UserIds).validate_python([person, person]) == [person]
    for wrong in (new_id("c"), "u_1", "", person.upper(), f"{person}\n"):
        assert code_of(TypeAdapter(UserId), wrong) == "invalid_user_id"
