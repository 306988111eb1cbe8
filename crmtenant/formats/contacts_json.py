"""Read contacts from JSON files as our export writes them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from io import TextIOBase, TextIOWrapper
from typing import Any, BinaryIO, TypeGuard

from crmtenant.errors import TooLarge, Unsupported
from crmtenant.formats.encoding import known_charset
from crmtenant.formats.json_stream import entries_of
from crmtenant.formats.parsed_contact import ParsedContact, invalid

_UTF_8 = frozenset({"utf-8", "utf-8-sig", "ascii"})


def read_json_contacts(
    file: BinaryIO, *, max_rows: int, ignored: Set[str] = frozenset(), charset: str | None = None
) -> Iterator[ParsedContact]:
    """Yield the entries of an array, or of `{"items": [...]}`, as contacts, lazily; counted from 1.

    Members with an `ignored` name are left out. `organization_id` means the organisation with that `id` in the
    same file, which the contact is given by name; a reference to any other is left out. An entry that is not
    an object becomes an invalid contact.

    Raises, before the first contact:
        Malformed: the file is not such JSON.
        Unsupported: another charset than UTF-8 is declared.
        TooLarge: there are more than `max_rows` entries.
    """
    if charset and known_charset(charset) not in _UTF_8:
        raise Unsupported("Send JSON in UTF-8.")
    text = TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
    organizations = _organizations(_from_start(text), max_rows)
    for row, entry in enumerate(_from_start(text), start=1):
        yield _parsed(row, entry, organizations, ignored)


def _from_start(text: TextIOBase) -> Iterator[Any]:
    text.seek(0)
    return entries_of(text)


def _organizations(entries: Iterator[Any], max_rows: int) -> dict[int, str]:
    """Return the names of the file's organisations by their ids, having checked the whole file."""
    names: dict[int, str] = {}
    for row, entry in enumerate(entries, start=1):
        if row > max_rows:
            raise TooLarge(f"A file may have at most {max_rows} contacts.")
        if isinstance(entry, dict) and entry.get("kind") == "organization":
            row_id, name = entry.get("id"), entry.get("name")
            if _is_id(row_id) and isinstance(name, str):
                names.setdefault(row_id, name)
    return names


def _parsed(row: int, entry: Any, organizations: dict[int, str], ignored: Set[str]) -> ParsedContact:
    if not isinstance(entry, dict):
        return invalid(row, "not_an_object", "This must be a JSON object.")
    contact = {name: value for name, value in entry.items() if name not in ignored}
    organization_id = contact.get("organization_id")
    if not _is_id(organization_id):  # null, or what the draft will refuse
        return ParsedContact(row, contact, is_exact=True)
    del contact["organization_id"]
    return ParsedContact(row, contact, organizations.get(organization_id), is_exact=True)


def _is_id(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
