"""Turn the properties of one vCard into a contact (RFC 6350 section 6, RFC 2426, vCard 2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from crmtenant.formats.contact_builder import ContactBuilder
from crmtenant.formats.contact_paths import CUSTOM, ORGANIZATION, Target
from crmtenant.formats.dates import day_of, without_year
from crmtenant.formats.parsed_contact import Oddity, ParsedContact, invalid
from crmtenant.formats.values import label_of
from crmtenant.formats.vcard.labels import label_of_types
from crmtenant.formats.vcard.lines import ContentLine, split, unescaped

LABEL = "X-CRMTENANT-LABEL"
PRODID = "-//crmtenant//crmtenant//EN"
"""The PRODID of our own vCards, whose values are taken exactly as they are, white space included."""
X_CUSTOM = "X-CRMTENANT-CUSTOM"
X_SOURCE = "X-CRMTENANT-SOURCE"
X_OWNER = "X-CRMTENANT-OWNER"

_NAME_PARTS = ("family_name", "given_name", "middle_name", "prefix", "suffix")
_ADDRESS_PARTS = ("po_box", "street_line", "street", "city", "region", "postal_code", "country")
_IGNORED_NAMES = (
    "VERSION,PRODID,REV,UID,LABEL,AGENT,MAILER,SORT-STRING,CLIENTPIDMAP,XML,PROFILE,CLASS,NAME,MEMBER,X-ABLABEL,X-ABADR,"
    "X-ABSHOWAS,X-EVOLUTION-FILE-AS,X-COUCHDB-APPLICATION-ANNOTATIONS,X-MS-OL-DEFAULT-POSTAL-ADDRESS,PHOTO,"
    "LOGO,SOUND,KEY,X-MS-CARDPICTURE,X-MS-OL-DESIGN,X-IMAGETYPE,X-IMAGEHASH,X-ABUID,X-EVOLUTION-VIDEO-URL"
)
_IGNORED = frozenset(_IGNORED_NAMES.split(","))


def parsed_contact(number: int, lines: Sequence[ContentLine], region: str | None) -> ParsedContact:
    """Return the contact of these properties. Groups of people and places are not contacts."""
    kind = next((line.value.strip().lower() for line in lines if line.name in _KINDS), "individual")
    if kind not in {"individual", "org", "organization", ""}:
        return invalid(number, "unsupported_kind", f"vCards of the kind {kind[:20]!r} are not contacts.")
    return _CardReader(number, lines, region).contact(is_organization=kind.startswith("org"))


_KINDS = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})


class _CardReader:
    """Builds a contact from the properties of a vCard, one by one."""

    def __init__(self, number: int, lines: Sequence[ContentLine], region: str | None) -> None:
        self._lines = lines
        self._is_literal = any(line.name == "PRODID" and line.value == PRODID for line in lines)
        self._builder = ContactBuilder(number, region, is_literal=self._is_literal)
        self._labels = {
            line.group: unescaped(line.value) for line in lines if line.name == "X-ABLABEL" and line.group
        }
        self._slots = 0

    def contact(self, *, is_organization: bool) -> ParsedContact:
        """Return the contact of all properties."""
        shows_company = any(
            line.name == "X-ABSHOWAS" and line.value.upper() == "COMPANY" for line in self._lines
        )
        if is_organization or shows_company:
            self._builder.put(Target("kind"), "organization", "kind")
        elif self._is_literal:
            self._builder.put(Target("kind"), "person", "kind")
        for line in self._lines:
            if line.is_guessed:
                self._tell_guess(line)
            if line.name in _READERS:
                _READERS[line.name](self, line)
            elif line.name not in _IGNORED and line.name not in _KINDS:
                self._keep(line)
        parsed = self._builder.build()
        parsed.uids = tuple(unescaped(line.value) for line in self._lines if line.name == "UID")
        parsed.origin = _origin
        return parsed

    def scalar(self, line: ContentLine, field: str) -> None:
        """Set a field that has one value."""
        self._put(Target(field), unescaped(line.value), line)

    def name(self, line: ContentLine) -> None:
        """N: family; given; additional; prefixes; suffixes."""
        for field, part in zip(_NAME_PARTS, split(line.value, ";"), strict=False):
            self._put(Target(field), self._text(part), line)

    def nickname(self, line: ContentLine) -> None:
        """NICKNAME: a list."""
        self._put(Target("nickname"), self._text(line.value), line)

    def organization(self, line: ContentLine) -> None:
        """ORG: the organisation; its units."""
        name, *units = (unescaped(part).strip() for part in split(line.value, ";"))
        self._put(Target(ORGANIZATION), name, line)
        self._put(Target("department"), ", ".join(filter(None, units)), line)

    def entry(self, line: ContentLine, field: str) -> None:
        """EMAIL, TEL, URL: a way to reach the contact."""
        value = unescaped(line.value).strip()
        if field == "phones":
            value = re.sub(r"^tel:", "", value, flags=re.IGNORECASE)
        self._entry(line, field, {"value": value})

    def address(self, line: ContentLine) -> None:
        """ADR: post office box; extended address; street; locality; region; postal code; country."""
        parts = zip(_ADDRESS_PARTS, split(line.value, ";"), strict=False)
        self._entry(line, "addresses", {part: self._text(text) for part, text in parts})

    def categories(self, line: ContentLine) -> None:
        """CATEGORIES: a list, one tag each."""
        for part in split(line.value, ","):
            self._builder.tag(unescaped(part).strip())

    def birthday(self, line: ContentLine) -> None:
        """BDAY: a date, perhaps without a year."""
        day = unescaped(line.value).strip()
        read = day_of(day) or ""
        omitted = line.parameter("X-APPLE-OMIT-YEAR")
        if omitted and read.startswith(f"{omitted}-"):
            day = without_year(read)
        self._put(Target("birthday"), read if self._is_literal else day, line)

    def custom(self, line: ContentLine) -> None:
        """X-CRMTENANT-CUSTOM: the custom fields in our own vCards."""
        self._put(Target(CUSTOM), unescaped(line.value), line)

    def _text(self, value: str) -> str:
        """Return a component as one text; in other programs it may be a list (`ing. jr,M.Sc.`)."""
        if self._is_literal:
            return unescaped(value)
        return ", ".join(filter(None, (unescaped(part).strip() for part in split(value, ","))))

    def _entry(self, line: ContentLine, field: str, parts: dict[str, str]) -> None:
        self._slots += 1
        slot = str(self._slots)
        own_label = line.parameter(LABEL)
        if own_label:
            self._builder.label(field, slot, own_label)
        label = self._labels.get(line.group) or label_of_types(line.parameters.get("TYPE", ()))
        for part, text in parts.items():
            self._put(Target(field, slot, part, label_of(label or "")), text, line)
        if _is_preferred(line):
            self._put(Target(field, slot, "is_primary"), "true", line)

    def _tell_guess(self, line: ContentLine) -> None:
        detail = "Some bytes of this are not UTF-8; they were read as Windows-1252."
        value = unescaped(line.value)
        self._builder.tell(Oddity("", "guessed_character", detail, line.name, value))

    def _put(self, target: Target, text: str, line: ContentLine) -> None:
        if text:
            self._builder.put(target, text, line.name.lower())

    def _keep(self, line: ContentLine) -> None:
        """Keep a property without a field as a custom field, under its label or its own name."""
        label = label_of(self._labels.get(line.group, "")) or line.name.lower()
        self._builder.keep(label[:64], " ".join(unescaped(line.value).split()))


_READERS: dict[str, Callable[[_CardReader, ContentLine], None]] = {
    "FN": partial(_CardReader.scalar, field="name"),
    "N": _CardReader.name,
    "NICKNAME": _CardReader.nickname,
    "ORG": _CardReader.organization,
    "TITLE": partial(_CardReader.scalar, field="job_title"),
    "NOTE": partial(_CardReader.scalar, field="note"),
    "EMAIL": partial(_CardReader.entry, field="emails"),
    "TEL": partial(_CardReader.entry, field="phones"),
    "URL": partial(_CardReader.entry, field="urls"),
    "ADR": _CardReader.address,
    "CATEGORIES": _CardReader.categories,
    "BDAY": _CardReader.birthday,
    X_CUSTOM: _CardReader.custom,
    X_SOURCE: partial(_CardReader.scalar, field="source"),
    X_OWNER: partial(_CardReader.scalar, field="owner_id"),
}


_PROPERTIES = {"name": "FN", "emails": "EMAIL", "phones": "TEL", "urls": "URL", "addresses": "ADR"} | {
    **dict.fromkeys(("given_name", "middle_name", "family_name", "prefix", "suffix"), "N"),
    "nickname": "NICKNAME",
    "birthday": "BDAY",
    "note": "NOTE",
    "job_title": "TITLE",
    "tags": "CATEGORIES",
    **dict.fromkeys((ORGANIZATION, "department"), "ORG"),
}


def _origin(pointer: str, value: str) -> tuple[str | None, str]:
    """Return the property that fills the field."""
    return _PROPERTIES.get(pointer.split("/")[1] if pointer else ""), value


def _is_preferred(line: ContentLine) -> bool:
    """PREF=1 of 4.0, TYPE=pref of 3.0, PREF alone of 2.1."""
    return "pref" in line.types() or line.parameter("PREF") == "1"
