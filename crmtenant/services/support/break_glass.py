"""Entering a company without a grant: two operators take one themselves, and every owner is told by mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.errors import OperatorError
from crmtenant.ids import new_id
from crmtenant.models.catalog.support import SupportGrant
from crmtenant.models.catalog.tables import Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.mail import templates
from crmtenant.services.members import members

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.mail.outbox import MailOutbox

CODE_VALIDITY = timedelta(minutes=15)
MOST_HOURS = 4


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A grant that two operators took: of which company, until when, and how many owners get a mail."""

    tenant_id: str
    until: datetime
    mails: int


class BreakGlass:
    """Asks for and confirms grants that no owner made."""

    def __init__(self, catalog: Catalog, outbox: MailOutbox) -> None:
        self._catalog = catalog
        self._outbox = outbox

    def ask(self, tenant_id: str, *, operator: str, role: str, reason: str, hours: int) -> str:
        """Return the code that another operator confirms within a quarter of an hour."""
        code = new_token()
        moment = now()
        with self._catalog.begin() as session:
            session.add(
                SupportGrant(
                    id=new_id("g"),
                    tenant_id=tenant_id,
                    role=role,
                    reason=reason,
                    created_at=moment,
                    until=moment + timedelta(hours=hours),
                    asked_by_operator=operator,
                    code_hash=token_hash(code),
                )
            )
        return code

    def confirm(self, code: str, *, operator: str) -> Confirmed:
        """Let the grant count, and tell the owners. Raises: `OperatorError` for the operator who asked, and too late."""
        moment = now()
        with self._catalog.begin() as session:
            grant = session.scalar(
                select(SupportGrant)
                .where(
                    SupportGrant.code_hash == token_hash(code),
                    SupportGrant.created_at > moment - CODE_VALIDITY,
                )
                .with_for_update()
            )
            if grant is None:
                raise OperatorError("This code is not known, was confirmed already, or is too old.")
            if grant.asked_by_operator == operator:
                raise OperatorError("Another operator has to confirm it, under a system user of their own.")
            grant.until += moment - grant.created_at
            grant.confirmed_by_operator, grant.code_hash = operator, None
            company = session.get_one(Tenant, grant.tenant_id)
            message = templates.break_glass(
                company.language,
                company=company.name,
                operators=f"{grant.asked_by_operator}, {operator}",
                reason=grant.reason,
                until=grant.until,
                link=self._outbox.company_link("/settings/support", company.slug),
            )
            sent = [
                self._outbox.put(session, message, email, tenant_id=company.id)
                for email in members.owners_addresses(session, company.id)
            ]
            return Confirmed(company.id, grant.until, sum(sent))
