"""Which row of a CSV file is its header, and which field each of its columns fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crmtenant.errors import FieldError, Invalid
from crmtenant.formats.contact_paths import ORGANIZATION, Target, target_of
from crmtenant.formats.csv.cells import plain
from crmtenant.formats.csv.headers import (
    COURTESY,
    IGNORED,
    NOMBRE,
    TITLE,
    custom_column,
    meaning_of,
    words_of,
)
from crmtenant.text.json_pointer import escaped

Mapped = Mapping[str, str | None]

_IDENTIFYING = frozenset({"name", "given_name", "family_name", "nickname", ORGANIZATION, "emails", "phones"})
_REPEATABLE = frozenset({"emails", "phones", "urls"})
_HOW_MANY_SHOWN = 6
LONGEST_NAME = 500
"""Characters. A longer cell is no name of a column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The targets of a file's columns, in order. `is_literal` marks an export of our own."""

    names: tuple[str, ...]
    targets: tuple[Target, ...]
    is_literal: bool


class Wanted:
    """Finds what a mapping says of a column by the column's name, or by its words in any spelling."""

    def __init__(self, mapping: Mapped) -> None:
        self._by_name = {name.strip(): path for name, path in reversed(list(mapping.items()))}
        self._by_words = {words_of(name): path for name, path in reversed(list(mapping.items()))}
        self._by_words.pop("", None)

    def target(self, name: str) -> Target | None:
        """Return the target that is mapped, or else the one that the name means."""
        if name.strip() in self._by_name:
            return _mapped(self._by_name[name.strip()])
        if len(name) > LONGEST_NAME:
            return None
        words = words_of(name)
        return _mapped(self._by_words[words]) if words in self._by_words else meaning_of(name)


def recognised(cells: Sequence[str], wanted: Wanted) -> int:
    """Return how many cells of the row are known column names; 0 if none of them identifies a contact."""
    targets = _settled([wanted.target(plain(cell)) for cell in cells])
    if not any(target and target.field in _IDENTIFYING for target in targets):
        return 0
    return sum(target is not None for target in targets)


def columns_of(header: Sequence[str], mapping: Mapped) -> Columns:
    """Return the targets of the columns; unknown ones become custom fields.

    Raises:
        Invalid: the mapping names columns that the header does not have.
    """
    names = tuple(map(plain, header))
    _check_mapping(names, mapping)
    known = list(map(Wanted(mapping).target, names))
    settled = _settled(known)
    targets = _distinct([target or _unknown(name) for name, target in zip(names, settled, strict=True)])
    is_literal = not mapping and all(target_of(name) for name in names)
    return Columns(names, targets, is_literal)


def numbered_columns(mapping: Mapped, width: int) -> Columns:
    """Return the columns of a file without a header, mapped by their numbers, counted from 1.

    Raises:
        Invalid: the mapping has numbers beyond `width`.
    """
    field_errors = [_absent(name) for name in mapping if not 1 <= int(name) <= width]
    if field_errors:
        raise Invalid(*field_errors)
    paths = [mapping.get(str(number)) for number in range(1, width + 1)]
    targets = _distinct([_mapped(path) if path else IGNORED for path in paths])
    return Columns(tuple(f"Column {number}" for number in range(1, width + 1)), targets, is_literal=False)


def is_numbered(mapping: Mapped) -> bool:
    """Return whether the mapping names columns by number, as files without a header need it."""
    return bool(mapping) and all(name.isascii() and name.isdecimal() and len(name) < 5 for name in mapping)


def check_paths(mapping: Mapped) -> None:
    """Check that every mapped field exists.

    Raises:
        Invalid: with every column that is mapped to an unknown field.
    """
    field_errors = [
        FieldError(f"/mapping/{escaped(name)}", "unknown_field", "Contacts have no such field.")
        for name, path in mapping.items()
        if path and target_of(path) is None
    ]
    if field_errors:
        raise Invalid(*field_errors)


def no_header(rows: Sequence[Sequence[str]]) -> Invalid:
    """Return the error for a file in which no row has known column names; it shows what was found."""
    shown = max(rows, key=len, default=[])[:_HOW_MANY_SHOWN]
    found = ", ".join(f"“{cell.strip()[:40]}”" for cell in shown) or "nothing"
    detail = (
        "No row has column names such as Name, Company, E-mail or Phone. Add a header row, or send a mapping "
        f"from column names (or column numbers, if there is no header) to fields. Found: {found}."
    )
    return Invalid(FieldError("", "header_missing", detail), detail=detail, code="header_missing")


def _mapped(path: str | None) -> Target:
    return (target_of(path) if path else None) or IGNORED


def _unknown(name: str) -> Target:
    return custom_column(name) if name else IGNORED


def _check_mapping(header: Sequence[str], mapping: Mapped) -> None:
    present = {cell.strip() for cell in header} | {words_of(cell) for cell in header}
    field_errors = [
        _absent(name) for name in mapping if name.strip() not in present and words_of(name) not in present
    ]
    if field_errors:
        raise Invalid(*field_errors)


def _absent(name: str) -> FieldError:
    return FieldError(f"/mapping/{escaped(name)}", "unknown_column", "The file has no such column.")


def _settled(targets: Sequence[Target | None]) -> list[Target | None]:
    """Return the targets with those settled whose meaning depends on the other columns: Title, Name, Nombre."""
    fields = {target.field for target in targets if target}
    is_surname = "given_name" in fields and "family_name" not in fields
    meanings = {
        TITLE: COURTESY if "job_title" in fields and COURTESY not in fields else "job_title",
        NOMBRE: "given_name" if "family_name" in fields and "given_name" not in fields else "name",
        Target("name"): "family_name" if is_surname else "name",
    }
    return [Target(meanings[target]) if target in meanings else target for target in targets]


def _distinct(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return the targets with a slot each, so that two columns of one name give two e-mail addresses."""
    taken: set[Target] = set()
    distinct = []
    for index, target in enumerate(targets):
        is_repeated = target in taken and target.field in _REPEATABLE
        distinct.append(replace(target, slot=f"{target.slot}+{index}") if is_repeated else target)
        taken.add(target)
    return tuple(distinct)
