"""A contact in JSON: a person or an organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from crmtenant.schemas.base import ITEM_FIELDS, Draft, Json
from crmtenant.schemas.crm.contact_keys import keys_of
from crmtenant.schemas.crm.contact_lists import Addresses, Emails, Phones, Urls, plain
from crmtenant.schemas.fields import (
    Country,
    Custom,
    Day,
    Instant,
    Line,
    OptionalLine,
    OptionalName,
    OptionalText,
    OptionalWord,
    RowId,
    Tags,
    UserId,
)
from crmtenant.schemas.fields.contact_points import (
    LONGEST_PHONE,
    e164_of,
    phone_keys,
)
from crmtenant.schemas.fields.texts import text
from crmtenant.schemas.query import AS_INTEGER, QueryId, QueryIds, QueryMoment, SearchQuery
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.stored import StoredDraft
from crmtenant.services.duplicates.identity import LONGEST_SOURCE_KEY, MOST_SOURCE_KEYS
from crmtenant.text.emails import email_key
from crmtenant.text.person_names import NAME_PARTS, full_name

WRITABLE = (
    "kind",
    "name",
    *NAME_PARTS,
    "nickname",
    "organization_id",
    "job_title",
    "department",
    "emails",
    "phones",
    "addresses",
    "urls",
    "birthday",
    "note",
    "tags",
    "custom",
    "owner_id",
    "source",
)
FIELDS = ("id", *WRITABLE, "last_touch_at", *ITEM_FIELDS)
SORTS = ("name", "created_at", "updated_at", "last_touch_at")
MOST_DAYS = 36_500

Kind = Literal["person", "organization"]


class ContactDraft(Draft):
    """What a client may write of a contact."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    kind: Kind = "person"
    prefix: OptionalWord = None
    given_name: OptionalWord = None
    middle_name: OptionalWord = None
    family_name: OptionalWord = None
    suffix: OptionalWord = None
    nickname: OptionalWord = None
    organization_id: RowId | None = Field(None, description="The organisation a person works for.")
    job_title: OptionalLine = None
    department: OptionalLine = None
    emails: Emails = Field(default_factory=list)
    phones: Phones = Field(default_factory=list)
    addresses: Addresses = Field(default_factory=list)
    urls: Urls = Field(default_factory=list)
    birthday: Day | None = None
    note: OptionalText = None
    tags: Tags = Field(default_factory=list)
    custom: Custom = Field(default_factory=dict)
    owner_id: UserId | None = None
    source: OptionalLine = None
    # Last, because it is made of the others when it is not given.
    name: OptionalName = Field(None, validate_default=True, description="Made of its parts when absent.")

    @classmethod
    def context_for(cls, data: Json, context: Mapping[str, Any]) -> dict[str, Any]:
        """Telephone numbers belong to the country of the first address that names one."""
        return {**context, "region": country_of(data.get("addresses")) or context.get("region")}

    @classmethod
    def patched(cls, current: Json, patch: Json, context: Mapping[str, Any]) -> Json:
        """A name that was made of its parts is made of them again."""
        is_kept = patch.get("name", current["name"]) == current["name"]
        if not is_kept or current["name"] != derived_name(current):
            return super().patched(current, patch, context)
        parts = {name: value for name, value in patch.items() if name != "name"}
        return super().patched({**current, "name": None}, parts, context)

    @field_validator("name")
    @classmethod
    def _make_name(cls, name: str | None, info: ValidationInfo) -> str | None:
        name = name or derived_name(info.data)
        if name is None and not _may_be_named_by(info.data):
            raise PydanticCustomError(
                "required", "A contact needs a name; a person at least an e-mail address."
            )
        return name

    def columns(self, *, organization: str | None = None) -> dict[str, Any]:
        """The column values of the row, derived keys included.

        `organization` is the name of the contact's organisation, so that its people are found by it.
        """
        lists = {name: plain(getattr(self, name)) for name in ("emails", "phones", "addresses", "urls")}
        values = super().columns() | lists
        return values | keys_of(values, organization)


def derived_name(parts: Mapping[str, Any]) -> str | None:
    """The name of a person who was given none: of its parts, the nickname, the first e-mail address."""
    if parts.get("kind") != "person":
        return None
    return full_name(parts) or parts.get("nickname") or _first_email(parts.get("emails") or [])


def _first_email(emails: list[Any]) -> str | None:
    """The first address, of entries already read or still JSON."""
    first: Any = emails[0] if emails else None
    return first.get("value") if isinstance(first, dict) else getattr(first, "value", None)


def _asked_phone(value: Any, info: ValidationInfo) -> Any:
    region = (info.context or {}).get("region")
    return _distinct(phone_keys(value, e164_of(value, region))) if isinstance(value, str) else value


AskedEmail = Annotated[Line, AfterValidator(email_key)]
AskedPhone = Annotated[
    list[str], BeforeValidator(_asked_phone), WithJsonSchema({"type": "string", "maxLength": LONGEST_PHONE})
]
"""The keys of the number: a contact that has any of them is meant."""


class ContactQuery(SearchQuery):
    """The query for a page of contacts."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field(
        "-updated_at",
        description="name, created_at, updated_at or last_touch_at; with - in front descending.",
    )
    id: QueryIds | None = Field(None, description="These contacts, their ids separated by commas.")
    kind: Kind | None = Field(None, description="People only, or organisations only.")
    tag: Line | None = Field(None, description="With this tag, spelled exactly so.")
    organization_id: QueryId | None = Field(None, description="People who work for this organisation.")
    owner_id: UserId | None = Field(None, description="Contacts this person looks after.")
    email: AskedEmail | None = Field(None, description="An e-mail address, however it is capitalised.")
    phone: AskedPhone | None = Field(None, description="A telephone number, however it is written.")
    country: Country | None = Field(None, description="With an address in this country (ISO 3166-1).")
    untouched_for_days: Annotated[int, Field(ge=1, le=MOST_DAYS), AS_INTEGER] | None = Field(
        None,
        description="Nobody wrote anything on them for so many times 24 hours, since their creation if nobody ever did.",
    )
    created_after: QueryMoment | None = Field(
        None, description="Created after this moment, or this day where the company is."
    )
    updated_after: QueryMoment | None = Field(
        None, description="Changed after this moment, or this day where the company is."
    )


class ContactOut(BaseModel):
    """A contact as it comes back."""

    id: RowId
    kind: Kind
    name: str
    prefix: str | None
    given_name: str | None
    middle_name: str | None
    family_name: str | None
    suffix: str | None
    nickname: str | None
    organization_id: RowId | None
    job_title: str | None
    department: str | None
    emails: Emails
    phones: Phones
    addresses: Addresses
    urls: Urls
    birthday: date | None
    note: str | None
    tags: list[str]
    custom: Custom
    owner_id: str | None
    source: str | None
    last_touch_at: datetime | None = Field(
        description="When the newest note, call, meeting or comment on the contact happened, for an organisation also on "
        "those who work there. It does not count as a change of the contact."
    )
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: Annotated[int, Field(ge=1)]


class StoredContact(StoredDraft):
    """What only the server sets of a contact."""

    last_touch_at: Instant | None = None

    source_keys: Annotated[
        list[Annotated[str, text(LONGEST_SOURCE_KEY)]], Field(max_length=MOST_SOURCE_KEYS)
    ] = Field(default_factory=list)


def country_of(addresses: Any) -> str | None:
    """The first country among addresses nobody has checked yet."""
    entries = addresses if isinstance(addresses, list) else []
    codes = (entry.get("country") for entry in entries if isinstance(entry, dict))
    return next((code.upper() for code in codes if isinstance(code, str) and code), None)


def _may_be_named_by(data: Mapping[str, Any]) -> bool:
    """Whether a part that would name the contact is itself invalid, which is reported already."""
    return "kind" not in data or (
        data["kind"] == "person" and not {*NAME_PARTS, "nickname", "emails"} <= data.keys()
    )


def _distinct(keys: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(keys))


CONTACT_SHAPES = Shapes.of(ContactDraft, ContactOut, ContactQuery, StoredContact)
