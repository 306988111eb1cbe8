"""The names of an installation's roles, their derived passwords and SCRAM verifiers."""

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
    """The names of the roles and databases of the installation with this catalog."""

    catalog: str

    @property
    def owner(self) -> str:
        """The role that owns the catalog, the templates and every company's database. It cannot log in."""
        return f"{self.catalog}_owner"

    @property
    def rw(self) -> str:
        """The role that may read and write the rows of every company's database, but connect to none."""
        return f"{self.catalog}_rw"

    @property
    def tenants(self) -> str:
        """The group of all companies' roles, used in pg_hba.conf and to list the installation's roles."""
        return f"{self.catalog}_tenants"

    @property
    def app(self) -> str:
        """The role of the web process in the catalog."""
        return f"{self.catalog}_app"

    def template(self, revision: str) -> str:
        """Return the name of the template database of this schema revision."""
        return f"{self.catalog}_template_{revision}"


def derived_password(role_secret: str, role: str, version: int) -> str:
    """Return the password of `role`: 256 bits in base64. No password is ever stored."""
    message = f"role:v{version}:{role}".encode()
    return base64.b64encode(hmac.digest(role_secret.encode(), message, "sha256")).decode()


def scram_verifier(password: str, *, iterations: int = ITERATIONS) -> str:
    """Return the SCRAM verifier of a password (RFC 5803), so that no statement contains the password.

    Iterations slow down guessing, which is hopeless for 256 random bits, and cost time on both sides of every new
    connection, so derived passwords use one. The password must be ASCII: others would need SASLprep (RFC 4013).
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, iterations)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${iterations}:{_base64(salt)}${_base64(stored_key)}:{_base64(server_key)}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
