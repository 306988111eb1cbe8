"""Field types of our JSON: one value each, checked and normalised. They know no document and no entity.

All are strict: no coercion between strings, numbers and booleans. A refusal has a stable code and a sentence
(`schemas/errors.py` has those of pydantic's own types).
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
