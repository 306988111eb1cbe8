"""Which companies' people get mails of what concerns them, and what they are told as lines of a mail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Text, any_, bindparam, false, select

from crmtenant.models.catalog.tables import Login, Tenant
from crmtenant.services.mail.templates import NewsLine
from crmtenant.text.mentions import mentioned, with_names

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.overview.unmailed import Unmailed

MAY_BE_MAILED = (
    Tenant.state == "active",
    Tenant.is_neutral == false(),
    Tenant.schema_revision == any_(bindparam("revisions", type_=ARRAY(Text))),
)
"""The conditions of a company at work that is no copy and whose schema is one of these `revisions`."""

_NAMES = select(Login.id, Login.name).where(Login.id == any_(bindparam("ids", type_=ARRAY(Text))))


def names_in(session: Session, told: Iterable[Unmailed]) -> Mapping[str, str]:
    """Return the names of those who did it and of those named in it, by id; `session` is the catalog's."""
    ids = {one.by for one in told if one.by is not None}
    ids |= {person for one in told if one.excerpt for person in mentioned(one.excerpt)}
    return {row.id: row.name for row in session.execute(_NAMES, {"ids": sorted(ids)})} if ids else {}


def news_of(told: Sequence[Unmailed], names: Mapping[str, str], link: Callable[[str], str]) -> list[NewsLine]:
    """Return the lines; each has the address at which the inbox shows it."""
    return [
        NewsLine(
            one.kind,
            names.get(one.by or ""),
            one.title or "",
            one.count,
            one.is_batch,
            with_names(one.excerpt, names) if one.excerpt else None,
            link(f"/inbox/{one.id}"),
        )
        for one in told
    ]
