"""The settings: all `crmtenant.*` keys of the ini file, read once into one frozen object.

A value may be `${NAME}` (the environment variable NAME must be set) or `${NAME:-fallback}`. An unknown, missing
or malformed key stops the start with its name and what was expected. There are no defaults in the code, so
development.ini and production.ini list every setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import time
from pathlib import Path
from typing import Any, Literal, TypeVar

from crmtenant.errors import SettingsError
from crmtenant.sizes import read_size

T = TypeVar("T")

PREFIX = "crmtenant."
GENERATE = "generate"
EMBEDDED = "embedded"
NONE = "none"
#: Mails are not sent, but shown to the developer.
SHOWN = "shown"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The validated settings of the ini file. Units are in the names."""

    database_url: str
    data_dir: Path
    backup_dir: Path
    catalog_database: str
    signing_secret: str
    role_secret: str
    backup_secret: str
    receipt_secret: str
    public_url: str
    allowed_hosts: frozenset[str]
    is_secure: bool
    demo: bool
    migrate_at_start: bool
    migration_copies: Literal["none", "canaries", "all"]
    worker_inside: bool
    backup_at: time | None
    catalog_backup_minutes: int
    mail_url: str | None
    mail_from: str
    metrics_listen: str | None
    fleet_listen: str | None
    connection_budget: int
    connections_per_tenant: int
    simultaneous_connects: int
    statement_timeout_seconds: int
    spares: int
    upkeep_interval_seconds: int
    lookup_ttl_seconds: float
    access_token_seconds: int
    refresh_idle_seconds: int
    refresh_absolute_seconds: int
    password_min_length: int
    password_hash_parallel: int
    sign_in_attempts: int
    sign_in_window_seconds: int
    registrations_per_address: int
    max_json_bytes: int
    max_import_bytes: int
    max_import_rows: int
    owner_backups_per_day: int
    owner_restores_per_day: int
    owner_sandboxes: int
    min_free_bytes: int | None
    company_requests_per_second: int | None
    company_request_burst: int
    quota_bytes: int | None
    quota_rows: int | None
    quota_seats: int | None
    usage_days: int
    trash_days: int
    history_days: int
    log_format: str

    @property
    def is_embedded(self) -> bool:
        """Whether this process runs PostgreSQL itself."""
        return self.database_url == EMBEDDED


def read_settings(ini: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of these ini keys. Raises `SettingsError`, which names every key that is wrong."""
    environ = os.environ if environ is None else environ
    given = {key.removeprefix(PREFIX): str(value) for key, value in ini.items() if key.startswith(PREFIX)}
    known = {field.name for field in fields(Settings)}
    problems = [f"{PREFIX}{key}: unknown setting" for key in sorted(given.keys() - known)]
    values: dict[str, Any] = {}
    for key in sorted(known):
        try:
            if key not in given:
                raise ValueError(f"missing; expected {_EXPECTED[key]}")
            values[key] = _read(key, resolved(given[key], environ))
        except ValueError as problem:
            problems.append(f"{PREFIX}{key}: {problem}")
    problems += _contradictions(values)
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(**values)


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    """Return the errors between settings that are each valid alone."""
    per_tenant, budget = values.get("connections_per_tenant", 0), values.get("connection_budget", 0)
    if not budget or per_tenant <= budget:
        return []
    expected = f"expected at most {PREFIX}connection_budget, which is {budget}, got {per_tenant}"
    return [f"{PREFIX}connections_per_tenant: {expected}"]


def resolved(value: str, environ: Mapping[str, str]) -> str:
    """Return the value with its `${NAME}` references replaced. Raises `ValueError` for a variable that is not set."""

    def replacement(match: re.Match[str]) -> str:
        name, fallback = match.groups()
        if name in environ:
            return environ[name]
        if fallback is None:
            raise ValueError(f"the environment variable {name} is not set")
        return fallback

    return _REFERENCE.sub(replacement, value).strip()


def _read(key: str, value: str) -> Any:
    try:
        return _READERS[key](value)
    except ValueError:
        raise ValueError(f"expected {_EXPECTED[key]}, got {_shown(key, value)}") from None


def _shown(key: str, value: str) -> str:
    return "something else" if key.endswith("_secret") or key in {"database_url", "mail_url"} else repr(value)


def _boolean(value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ValueError(value)


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError(value)
        return number

    return read


def _or_none(read: Callable[[str], T]) -> Callable[[str], T | None]:
    return lambda value: None if value == NONE else read(value)


def _matching(pattern: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return read


def _database_url(value: str) -> str:
    if value != EMBEDDED and not value.startswith("postgresql+psycopg2://"):
        raise ValueError(value)
    return value


def _secrets(value: str) -> str:
    if value != GENERATE and (not value.split() or min(map(len, value.split())) < 32):
        raise ValueError(value)
    return value


def _hosts(value: str) -> frozenset[str]:
    hosts = frozenset(value.lower().split())
    if not hosts:
        raise ValueError(value)
    return hosts


def _time_of_day(value: str) -> time | None:
    if value == NONE:
        return None
    if not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError(value)
    return time.fromisoformat(value)


def _mail_url(value: str) -> str | None:
    if value in {SHOWN, NONE}:
        return None if value == NONE else value
    if not re.fullmatch(r"smtps?://([^@\s]+@)?[^@/\s:]+(:\d{1,5})?", value):
        raise ValueError(value)
    return value


def _seconds(value: str) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError(value)
    return number


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(value)
        return value

    return read


_identifier = _matching(r"[a-z][a-z0-9_]{0,40}")
_url = _matching(r"https?://[^/\s]+")
_mail_address = _matching(r"([^<>\r\n]+ )?<?[^<>@\s]+@[^<>@\s]+>?")
_host_and_port = _or_none(_matching(r"[^\s:]+:\d{1,5}"))
_EXPECTED_SECRETS = (
    "at least 32 characters without spaces, or several such secrets separated by spaces, or `generate`"
)
_SETTINGS: dict[str, tuple[Callable[[str], Any], str]] = {
    "database_url": (_database_url, "`embedded` or postgresql+psycopg2://user:password@host:port/postgres"),
    "data_dir": (lambda value: Path(value).absolute(), "a directory"),
    "backup_dir": (lambda value: Path(value).absolute(), "a directory"),
    "catalog_database": (
        _identifier,
        "a lower-case name of letters, digits and _, at most 41 characters long",
    ),
    "signing_secret": (_secrets, _EXPECTED_SECRETS),
    "role_secret": (_secrets, _EXPECTED_SECRETS),
    "backup_secret": (_secrets, _EXPECTED_SECRETS),
    "receipt_secret": (_secrets, _EXPECTED_SECRETS),
    "public_url": (_url, "the public address of the site, such as https://crm.example.com"),
    "allowed_hosts": (_hosts, "host names, separated by spaces, or *"),
    "is_secure": (_boolean, "true if the site is served over https, otherwise false"),
    "demo": (_boolean, "true or false"),
    "migrate_at_start": (_boolean, "true or false"),
    "migration_copies": (_one_of("none", "canaries", "all"), "none, canaries or all"),
    "worker_inside": (_boolean, "true or false"),
    "backup_at": (_time_of_day, "a time of day (UTC) such as 02:30, or none"),
    "catalog_backup_minutes": (_whole(1, 60), "a number from 1 to 60"),
    "mail_url": (_mail_url, "smtp://user:password@host:587, smtps://..., `shown` or `none`"),
    "mail_from": (_mail_address, "an address such as crm@example.com or Crmtenant <crm@example.com>"),
    "metrics_listen": (_host_and_port, "an address such as 127.0.0.1:9400, or none"),
    "fleet_listen": (_host_and_port, "an address such as 127.0.0.1:9401, or none"),
    "connection_budget": (_whole(4, 10_000), "a number from 4 to 10000"),
    "connections_per_tenant": (_whole(2, 100), "a number from 2 to 100"),
    "simultaneous_connects": (_whole(1, 64), "a number from 1 to 64"),
    "statement_timeout_seconds": (_whole(1, 600), "a number from 1 to 600"),
    "spares": (_whole(0, 100), "a number from 0 to 100"),
    "upkeep_interval_seconds": (_whole(1, 3600), "a number from 1 to 3600"),
    "lookup_ttl_seconds": (_seconds, "a number from 0 to 1"),
    "access_token_seconds": (_whole(60, 900), "a number from 60 to 900"),
    "refresh_idle_seconds": (_whole(60, 31_536_000), "a number from 60 to 31536000"),
    "refresh_absolute_seconds": (_whole(60, 31_536_000), "a number from 60 to 31536000"),
    "password_min_length": (_whole(8, 64), "a number from 8 to 64"),
    "password_hash_parallel": (_whole(1, 64), "a number from 1 to 64"),
    "sign_in_attempts": (_whole(1, 1000), "a number from 1 to 1000"),
    "sign_in_window_seconds": (_whole(1, 86_400), "a number from 1 to 86400"),
    "registrations_per_address": (_whole(1, 100_000), "a number from 1 to 100000"),
    "max_json_bytes": (_whole(1024, 1 << 30), "a number of bytes from 1024"),
    "max_import_bytes": (_whole(1024, 1 << 30), "a number of bytes from 1024"),
    "max_import_rows": (_whole(1, 1_000_000), "a number from 1 to 1000000"),
    "owner_backups_per_day": (_whole(0, 100), "a number from 0 to 100"),
    "owner_restores_per_day": (_whole(0, 100), "a number from 0 to 100"),
    "owner_sandboxes": (_whole(0, 100), "a number from 0 to 100"),
    "min_free_bytes": (_or_none(read_size), "a size such as 1GB, or none"),
    "company_requests_per_second": (_or_none(_whole(1, 100_000)), "a number from 1 to 100000, or none"),
    "company_request_burst": (_whole(1, 1_000_000), "a number from 1 to 1000000"),
    "quota_bytes": (_or_none(read_size), "a size such as 5GB, or none"),
    "quota_rows": (_or_none(_whole(0, 10**12)), "a number, or none"),
    "quota_seats": (_or_none(_whole(1, 1_000_000)), "a number from 1 to 1000000, or none"),
    "usage_days": (_whole(1, 3650), "a number of days from 1 to 3650"),
    "trash_days": (_whole(1, 3650), "a number of days from 1 to 3650"),
    "history_days": (_whole(30, 36500), "a number of days from 30 to 36500"),
    "log_format": (_one_of("console", "json"), "console or json"),
}
_READERS = {key: reader for key, (reader, _) in _SETTINGS.items()}
_EXPECTED = {key: expected for key, (_, expected) in _SETTINGS.items()}
