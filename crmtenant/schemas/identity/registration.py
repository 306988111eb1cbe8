"""Registering a company and accepting an invitation, in JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crmtenant.errors import FieldError, Invalid
from crmtenant.schemas.base import Draft, load
from crmtenant.schemas.fields import BLANK_IS_NULL, Country, Currency, Line
from crmtenant.schemas.fields.locales import Language, TimeZone
from crmtenant.schemas.identity.session import TRANSPORT, Transport
from crmtenant.text.emails import parse_email

D = TypeVar("D", bound=Draft)


def _email(value: str) -> str:
    try:
        return parse_email(value).address
    except ValueError:
        raise PydanticCustomError("invalid_email", "This is not an e-mail address.") from None


SignInEmail = Annotated[str, AfterValidator(_email), Field(json_schema_extra={"format": "email"})]
Password = Annotated[str, Field(json_schema_extra={"format": "password"})]


class WithPassword(Draft):
    """Somebody who chooses a password. Its strength is checked by `load_with_password`."""

    name: Line = Field(description="The person's own name.")
    password: Password
    transport: Transport = TRANSPORT


class RegistrationDraft(WithPassword):
    """A new company and its first owner."""

    company_name: Line
    email: SignInEmail
    country: Annotated[Country | None, BLANK_IS_NULL] = None
    currency: Annotated[Currency | None, BLANK_IS_NULL] = None
    language: Annotated[Language | None, BLANK_IS_NULL] = None
    time_zone: Annotated[TimeZone | None, BLANK_IS_NULL] = None


class AcceptDraft(WithPassword):
    """The acceptance of an invitation, with the password of an existing login or of a new one."""

    token: str = Field(description="The invitation's token.")


Judge = Callable[[str, list[str]], FieldError | None]


def load_with_password(
    model: type[D], data: Any, judge: Judge, *known_words: str, field: str = "password"
) -> D:
    """Return the draft that `data` describes.

    `judge` returns what is wrong with a password, given words that are easy to guess for this person: the texts sent
    with it, and `known_words`. `field` is the name of the password's field.

    Raises: `Invalid` with every field error, those of the password included.
    """
    field_error = _password_error(data, judge, known_words, field)
    try:
        draft = load(model, data)
    except Invalid as invalid:
        raise Invalid(*invalid.field_errors, *([field_error] if field_error else ())) from None
    if field_error:
        raise Invalid(field_error)
    return draft


def _password_error(data: Any, judge: Judge, known_words: tuple[str, ...], field: str) -> FieldError | None:
    if not isinstance(data, dict) or not isinstance(data.get(field), str):
        return None
    names = ("name", "email", "company_name")
    sent = [data[name] for name in names if isinstance(data.get(name), str)]
    field_error = judge(data[field], [*sent, *known_words])
    return field_error and replace(field_error, pointer=f"/{field}")
