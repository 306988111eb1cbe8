"""Every type a field of our JSON can have, in one place to import from.

All are strict: no coercion between strings, numbers and booleans. What is refused is refused with a stable
code and a sentence (`field_errors.py` has those of the types pydantic brings itself).
"""

from crmtenant.schemas.fields.contact_points import Email, Phone, Url
from crmtenant.schemas.fields.custom import Custom
from crmtenant.schemas.fields.locales import Country, Currency
from crmtenant.schemas.fields.numbers import Day, Instant, Minutes, Position, RowId
from crmtenant.schemas.fields.texts import (
    BLANK_IS_NULL,
    Color,
    Line,
    Name,
    OptionalLine,
    OptionalName,
    OptionalRecurrence,
    OptionalText,
    OptionalWord,
    Recurrence,
    SmallText,
    Tags,
    Text,
    UserId,
    UserIds,
    Word,
)

__all__ = [
    "BLANK_IS_NULL",
    "Color",
    "Country",
    "Currency",
    "Custom",
    "Day",
    "Email",
    "Instant",
    "Line",
    "Minutes",
    "Name",
    "OptionalLine",
    "OptionalName",
    "OptionalRecurrence",
    "OptionalText",
    "OptionalWord",
    "Phone",
    "Position",
    "Recurrence",
    "RowId",
    "SmallText",
    "Tags",
    "Text",
    "Url",
    "UserId",
    "UserIds",
    "Word",
]
