"""What a refusal looks like: RFC 9457, with our code, the request's id and every fault of the input."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ProblemFault(BaseModel):
    """One thing wrong with the input."""

    pointer: str = Field(description="A JSON pointer into the body (RFC 6901), or the parameter's name.")
    code: str = Field(description="What is wrong, for machines; never changes its meaning.")
    detail: str = Field(description="What is wrong, for people.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="A URI that names the kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What is wrong, for people.")
    code: str = Field(description="What is wrong, for machines; never changes its meaning.")
    request_id: str = Field(description="By which we find the request in our logs.")
    errors: list[ProblemFault] = Field(
        default_factory=list, description="Every fault of the input, where it was the input's fault."
    )


class StaleProblem(Problem):
    """The item was changed since the client read it."""

    current: dict[str, Any] = Field(description="The item as it is now.")
