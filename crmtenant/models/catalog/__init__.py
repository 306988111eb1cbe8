"""The tables of an installation's catalog: people, companies, who belongs where, servers, mails, jobs, usage.

Nothing here is a company's record; those live in the company's own database (`models.tenant`).
"""

from __future__ import annotations

from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.essentials_copy import EssentialsCopy
from crmtenant.models.catalog.journal import JournalLine
from crmtenant.models.catalog.operator_account import OperatorAccount
from crmtenant.models.catalog.support import SupportGrant, SupportVisit
from crmtenant.models.catalog.usage import UsageDay

__all__ = [
    "CompanyJob",
    "DeletionReceipt",
    "EmailChange",
    "EssentialsCopy",
    "JournalLine",
    "OperatorAccount",
    "SupportGrant",
    "SupportVisit",
    "UsageDay",
]
