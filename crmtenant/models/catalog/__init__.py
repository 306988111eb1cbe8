"""The tables of an installation's catalog: people, companies, who belongs where, servers, mails, jobs, usage.

Nothing here is a company's record; those live in the company's own database (`models.tenant`).
"""

from __future__ import annotations

from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.journal import JournalLine
from crmtenant.models.catalog.usage import UsageDay

__all__ = ["EmailChange", "JournalLine", "UsageDay"]
