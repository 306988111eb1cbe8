"""Entries of a contact's lists: e-mail addresses, telephone numbers, postal addresses, links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import (
    BLANK_IS_NULL,
    Country,
    Email,
    OptionalLine,
    OptionalWord,
    Phone,
    SmallText,
    Url,
)
from crmtenant.schemas.fields.contact_points import e164_of

MOST_ENTRIES = 50

E = TypeVar("E", bound="Entry")


class Entry(Draft):
    """One of several ways to reach a contact."""

    label: OptionalWord = Field(None, description="Such as work or home.")
    is_primary: bool = Field(
        False, description="One entry of each list is primary; the first one by default."
    )


class EmailEntry(Entry):
    """An e-mail address."""

    value: Email


class UrlEntry(Entry):
    """A web or chat address."""

    value: Url


class PhoneEntry(Entry):
    """A telephone number as typed and as dialled."""

    value: Phone
    e164: str | None = Field(
        None, validate_default=True, description="Computed by the server; a value sent is ignored."
    )

    @field_validator("e164")
    @classmethod
    def _dialled(cls, _: str | None, info: ValidationInfo) -> str | None:
        region = (info.context or {}).get("region")
        return e164_of(info.data["value"], region) if "value" in info.data else None


class AddressEntry(Entry):
    """A postal address. Which parts it has, and in which order, depends on the country."""

    street: Annotated[SmallText | None, BLANK_IS_NULL] = None
    postal_code: OptionalWord = None
    city: OptionalLine = None
    region: OptionalLine = Field(None, description="State, province, prefecture or the like.")
    country: Annotated[Country | None, BLANK_IS_NULL] = None

    @model_validator(mode="after")
    def _has_a_part(self) -> AddressEntry:
        if not any((self.street, self.postal_code, self.city, self.region, self.country)):
            raise PydanticCustomError("required", "An address must have at least one part.")
        return self


def _with_one_primary(entries: list[E]) -> list[E]:
    primaries = sum(entry.is_primary for entry in entries)
    if primaries > 1:
        raise PydanticCustomError("several_primary", "Only one entry of a list can be primary.")
    if not entries or primaries:
        return entries
    return [entries[0].model_copy(update={"is_primary": True}), *entries[1:]]


_BOUNDED = Field(max_length=MOST_ENTRIES)
_ONE_PRIMARY = AfterValidator(_with_one_primary)
Emails = Annotated[list[EmailEntry], _BOUNDED, _ONE_PRIMARY]
Phones = Annotated[list[PhoneEntry], _BOUNDED, _ONE_PRIMARY]
Addresses = Annotated[list[AddressEntry], _BOUNDED, _ONE_PRIMARY]
Urls = Annotated[list[UrlEntry], _BOUNDED, _ONE_PRIMARY]


def plain(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the entries as they are stored and sent."""
    return [entry.model_dump() for entry in entries]
