"""What a person wants to be told of in a company, and by mail when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.models.tenant.notification import KINDS, NotificationSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader

SOON, DIGEST, NEVER = "soon", "digest", "never"
DEFAULT_MAIL = {"mentioned": SOON, "replied": DIGEST, "assigned": SOON, "watched": DIGEST, "due": DIGEST}
"""By mail a few minutes later, or in the mail of the next morning."""

Settings = dict[str, dict[str, Any]]

_ALL = select(NotificationSetting.kind, NotificationSetting.is_shown, NotificationSetting.mail).where(
    NotificationSetting.person_id == bindparam("person_id", type_=Text)
)


def settings_of(reader: Reader, person_id: str) -> Settings:
    """Return by kind whether the person is told of it (`shown`) and when by mail (`mail`)."""
    return _with_defaults(reader.rows(_ALL, {"person_id": person_id}))


def change(session: Session, person_id: str, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Change what is named and return all."""
    known = _with_defaults(session.execute(_ALL, {"person_id": person_id}).all())
    for kind, given in changes.items():
        known[kind] |= given
        values = {"is_shown": known[kind]["shown"], "mail": known[kind]["mail"]}
        session.execute(
            insert(NotificationSetting)
            .values(person_id=person_id, kind=kind, **values)
            .on_conflict_do_update(index_elements=["person_id", "kind"], set_=values)
        )
    return known


def _with_defaults(rows: Any) -> Settings:
    chosen = {kind: {"shown": is_shown, "mail": mail} for kind, is_shown, mail in rows}
    return {kind: chosen.get(kind, {"shown": True, "mail": DEFAULT_MAIL[kind]}) for kind in KINDS}
