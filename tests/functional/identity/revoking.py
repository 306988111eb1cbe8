"""Processes that share a catalog and a file of signing secrets; what each makes of a token, and what is true of it."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from crmtenant.db.secrets.secret_source import SecretSource, secrets_of
from crmtenant.errors import DomainError
from crmtenant.models.catalog.tables import Login
from crmtenant.platform import Platform
from crmtenant.platform.admission import Admissions
from crmtenant.security.keyring import Keyring
from crmtenant.security.tokens import MAX_LIFETIME_SECONDS, Tokens
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.identity.sessions import StartedSession
from tests.clock import Clock
from tests.functional.installation import Company


class Wall:
    """What tokens are issued and expire by."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Installation:
    """Two processes and a company; `ask` and `truth` say what they, and the catalog, make of a token."""

    def __init__(
        self, opened: list[Platform], company: Company, file: Path, clock: Clock, wall: Wall
    ) -> None:
        self.opened = opened
        self.company = company
        self.file = file
        self.clock = clock
        self.wall = wall
        self.catalog = opened[0].databases.catalog
        #: every secret there ever was, and when it was retired
        self.secrets: dict[str, float | None] = {}
        self.read_secrets()

    def ask(self, process: int, token: str) -> object:
        """Whom the process lets in, or why not."""
        return outcome_of(self.opened[process].identity.admissions, token)

    def truth(self, token: str) -> object:
        """The same by somebody who has kept nothing, and takes tokens of every secret that there ever was."""
        keyring = Keyring(SecretSource(lambda: tuple(self.secrets)))
        tokens, addresses = self._tokens(keyring), self.opened[0].databases.addresses
        return outcome_of(Admissions(tokens, keyring, AccessDirectory(self.catalog, 0), addresses), token)

    def sign_in(self, user_id: str) -> StartedSession:
        """A sign-in of the person to the company."""
        return self.opened[0].identity.sessions.start(user_id, self.company.id)

    def token(self, user_id: str, session_id: str) -> str:
        """An access token of this sign-in."""
        with self.catalog.begin() as session:
            version = session.scalar(select(Login.token_version).where(Login.id == user_id))
        assert version is not None
        tokens = self._tokens(Keyring(secrets_of("generate", self.file)))
        return tokens.issue(user_id, self.company.id, version, session_id=session_id)

    def read_secrets(self) -> tuple[str, ...]:
        """The secrets of the file, the one in use first. Those that are not in it any more are retired."""
        found = secrets_of("generate", self.file).secrets()
        gone = {secret: self.clock() for secret in self.secrets if secret not in found}
        self.secrets = {**dict.fromkeys(found), **gone, **{k: at for k, at in self.secrets.items() if at}}
        return found

    def write(self, model: Any, *conditions: Any, **values: Any) -> None:
        """Change rows of the catalog, as another process does."""
        with self.catalog.begin() as session:
            session.execute(update(model).where(*conditions).values(**values))

    def _tokens(self, keyring: Keyring) -> Tokens:
        return Tokens(keyring, MAX_LIFETIME_SECONDS, self.wall)


def outcome_of(admissions: Admissions, token: str) -> object:
    try:
        admission = admissions.admit(f"Bearer {token}")
    except DomainError as refusal:
        return type(refusal), refusal.reason
    return dataclasses.replace(admission, holding=None)  # type: ignore[arg-type]  # what is measured is no right
