"""What is being done at the moment: owners' jobs, databases being filled, pauses, and commands of operators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import SmallInteger, Text, bindparam, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.journal import JournalLine
from crmtenant.models.catalog.tables import SetAside, Tenant
from crmtenant.services.monitoring.fleet_state import FleetWork

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

#: A command that began longer ago and has not ended was killed, rather than running.
COMMAND_WITHIN = timedelta(hours=12)
#: A copy that is as large as the company is not yet compared.
_MOST_OF_FILLING = 99
_SHOWN_COMMANDS = 20

_NO_TEXT, _NO_NUMBER = cast(null(), Text), cast(null(), SmallInteger)
_JOBS_AND_PAUSES: Any = union_all(
    select(Tenant.slug, CompanyJob.kind, CompanyJob.step, CompanyJob.progress, CompanyJob.created_at)
    .join(Tenant, Tenant.id == CompanyJob.tenant_id)
    .where(or_(CompanyJob.state == "waiting", CompanyJob.state == "running")),
    select(Tenant.slug, literal("paused"), _NO_TEXT, _NO_NUMBER, Tenant.updated_at).where(
        Tenant.migrating_until > bindparam("now")
    ),
)
_FILLING = (
    select(SetAside.database, Tenant.slug, Tenant.database, SetAside.created_at)
    .outerjoin(Tenant, Tenant.id == SetAside.tenant_id)
    .where(SetAside.purpose == "restoring")
)
_ENDED = aliased(JournalLine)
_COMMANDS = (
    select(JournalLine.command, JournalLine.arguments, JournalLine.operator, JournalLine.at)
    .outerjoin(_ENDED, (_ENDED.command_id == JournalLine.command_id) & (_ENDED.event == "ended"))
    .where(
        JournalLine.event == "begun",
        JournalLine.at > bindparam("since"),
        _ENDED.id.is_(None),
    )
    .order_by(JournalLine.at.desc())
    .limit(_SHOWN_COMMANDS)
)


def read_work(
    reader: Reader, moment: datetime, sizes: Mapping[str, int], filled: Mapping[str, int]
) -> list[FleetWork]:
    """Return what is being done, what began first first.

    `sizes` and `filled` are bytes by database: of companies, and of databases that are being filled.
    """
    work = [FleetWork(*row) for row in reader.rows(_JOBS_AND_PAUSES, {"now": moment})]
    for database, slug, original, since in reader.rows(_FILLING):
        progress = filling_progress(filled.get(database), sizes.get(original))
        work.append(FleetWork(slug, "filling", None, progress, since))
    for command, arguments, operator, since in reader.rows(_COMMANDS, {"since": moment - COMMAND_WITHIN}):
        words = " ".join([command, *arguments])
        work.append(FleetWork(None, "command", f"{words} ({operator})", None, since))
    return sorted(work, key=lambda one: one.since)


def filling_progress(filled_bytes: int | None, company_bytes: int | None) -> int | None:
    """Return how much of the company is in its new database, in percent; None where one of them is not known."""
    if filled_bytes is None or not company_bytes:
        return None
    return min(_MOST_OF_FILLING, filled_bytes * 100 // company_bytes)
