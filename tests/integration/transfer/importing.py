"""Imports files and looks at what came of it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crmtenant.formats.csv.reader import read_csv
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.models.tenant.contact import Contact
from crmtenant.schemas.transfer.contact_rows import checked, merged
from crmtenant.services.entities.change import Actor
from crmtenant.services.transfer.contact_import import import_contacts
from crmtenant.services.transfer.contact_import_rows import ImportResult

MEMBER = "u_" + "a" * 26
AUTHOR = Actor(MEMBER, lambda ids: set(ids) <= {MEMBER})


class Importing:
    """One company's imports, in a session."""

    def __init__(self, session: Session, region: str = "DE") -> None:
        self.session = session
        self.region = region

    def csv(self, text: str, **options: Any) -> ImportResult:
        contacts = read_csv(io.BytesIO(text.encode()), max_rows=100_000, region=self.region)
        return self.parsed(contacts, **options)

    def vcards(self, text: str, **options: Any) -> ImportResult:
        return self.parsed(read_vcards(io.BytesIO(text.encode()), max_rows=100_000), **options)

    def parsed(
        self, contacts: Iterable[ParsedContact], *, on_duplicate: Any = "update", dry_run: bool = False
    ) -> ImportResult:
        return import_contacts(
            self.session,
            checked(contacts, region=self.region),
            actor=AUTHOR,
            on_duplicate=on_duplicate,
            merge=partial(merged, region=self.region),
            dry_run=dry_run,
        )

    def contacts(self) -> list[Contact]:
        """All contacts by name, as the database has them."""
        self.session.expire_all()
        return list(self.session.scalars(select(Contact).order_by(Contact.name, Contact.id)))

    def contact(self, name: str) -> Contact:
        """The one contact of this name."""
        (found,) = [contact for contact in self.contacts() if contact.name == name]
        return found

    def names(self) -> list[str]:
        return [contact.name for contact in self.contacts()]
