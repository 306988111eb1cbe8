"""The tables of an installation's catalog: people, companies, who belongs where, servers, mails, jobs.

Nothing here is a company's record; those live in the company's own database (`models.tenant`).
"""

from __future__ import annotations

from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.essentials_copy import EssentialsCopy

__all__ = ["EmailChange", "EssentialsCopy"]
