"""A person in JSON, as they see themselves."""

from __future__ import annotations

from pydantic import BaseModel


class PersonOut(BaseModel):
    """A person as they see themselves."""

    id: str
    name: str
    email: str
