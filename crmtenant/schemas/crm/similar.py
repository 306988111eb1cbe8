"""Contacts like one that is about to be created, in JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.schemas.crm.contact import AskedEmail, AskedPhone, Kind
from crmtenant.schemas.fields import OptionalName, RowId
from crmtenant.schemas.query import AS_INTEGER


class SimilarQuery(BaseModel):
    """What is known of a contact that may be there already."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    kind: Kind = Field("person", description="Whether a person or an organization is looked for.")
    name: OptionalName = Field(None, description="The whole name; words in any order, titles do not matter.")
    email: AskedEmail | None = Field(None, description="An e-mail address, however it is capitalised.")
    phone: AskedPhone | None = Field(None, description="A telephone number, however it is written.")
    limit: Annotated[int, Field(ge=1, le=20), AS_INTEGER] = Field(5, description="How many at most.")


class Similar(BaseModel):
    """A contact that may be the same."""

    id: RowId
    kind: Kind
    name: str
    subtitle: str | None = Field(description="The organisation or an e-mail address.")
    reason: Literal["same", "same_name", "same_address"] = Field(
        description="`same`: an address or number and a name that agrees; `same_name`: the name only; "
        "`same_address`: an address or number, with another name."
    )


class SimilarOut(BaseModel):
    """The contacts, the likeliest first."""

    items: list[Similar]
