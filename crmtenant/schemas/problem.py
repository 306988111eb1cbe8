"""Problem documents (RFC 9457), with our code, the id of the request and every error in the input."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from crmtenant.schemas.base import left_out


class ProblemFault(BaseModel):
    """One error in the input."""

    pointer: str = Field(
        description="A JSON pointer into the body (RFC 6901), or the name of a parameter or header."
    )
    code: str = Field(description="A stable code for programs.")
    detail: str = Field(description="A sentence for people.")


class ProblemQuota(BaseModel):
    """The quota of the company that has no room."""

    kind: Literal["bytes", "rows", "seats"]
    used: int
    limit: int


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="A URI that identifies the type of problem.")
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    code: str = Field(description="A stable code for programs.")
    request_id: str = Field(description="Identifies the request in the server's logs.")
    errors: list[ProblemFault] = left_out("Every error in the input; only if there are any.")
    quota: ProblemQuota = left_out("With the code quota_exceeded: which one, and how much of it is used.")


class StaleProblem(Problem):
    """The item has been changed since the client read it."""

    current: dict[str, Any] = Field(description="The current item.")
