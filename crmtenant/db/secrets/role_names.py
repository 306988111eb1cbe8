"""The roles of an installation on its server: their names, their derived passwords, their SCRAM verifiers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

ITERATIONS = 1
#: The version of a role's derived password until it is changed for the first time.
FIRST_PASSWORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class RoleNames:
    """What the roles and the databases of the installation whose catalog is `catalog` are called."""

    catalog: str

    @property
    def owner(self) -> str:
        """The role that owns the catalog, the template and every company's database. Nobody logs in as it."""
        return f"{self.catalog}_owner"

    @property
    def rw(self) -> str:
        """The role that may read and write the rows of every company's database, and connect to none."""
        return f"{self.catalog}_rw"

    @property
    def tenants(self) -> str:
        """The group of all companies' roles, for pg_hba.conf, and for telling our roles from others."""
        return f"{self.catalog}_tenants"

    @property
    def app(self) -> str:
        """The role the web process is in the catalog."""
        return f"{self.catalog}_app"

    def template(self, revision: str) -> str:
        """The database that new companies' databases of this schema revision are copied from."""
        return f"{self.catalog}_template_{revision}"


def derived_password(role_secret: str, role: str, version: int) -> str:
    """The password of `role`: 256 bits in base64, so that no password need ever be stored."""
    message = f"role:v{version}:{role}".encode()
    return base64.b64encode(hmac.digest(role_secret.encode(), message, "sha256")).decode()


def scram_verifier(password: str, *, iterations: int = ITERATIONS) -> str:
    """What PostgreSQL keeps instead of the password (RFC 5803), so that no statement ever holds the password.

    The iterations exist to slow down guessing. Nobody guesses 256 random bits, and every new connection
    pays for them on both sides, so derived passwords get along with one. Only ASCII passwords are taken:
    others would have to go through SASLprep (RFC 4013) first.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
