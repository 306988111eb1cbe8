"""The operators' journal: who ran which command, when, with what outcome.

A line is written when a command begins and another when it ends, so one that was killed is seen as begun. Where the
catalog cannot be reached, or a command works without it, lines wait in a file, and whoever reaches the catalog next
brings them there: no command is refused because of the journal.
"""

from __future__ import annotations

import os
import pwd
import re
import socket
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from sqlalchemy import ARRAY, Text, any_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.ids import new_id
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.journal import JournalLine
from crmtenant.models.catalog.tables import Tenant

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

WAITING = "journal-waiting"
_PASSWORD_IN_URL = re.compile(r"(://[^:/\s]*:)\S*@")
_PASSWORD_IN_QUERY = re.compile(r"(?i)(password=)[^&\s]*")
_ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"']+\.[^\s<>\"']+")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was given, and by whom; `companies` are the ids of those that it names."""

    command: str
    arguments: tuple[str, ...]
    operator: str
    host: str
    settings_file: str
    companies: tuple[str, ...] = ()
    command_id: str = field(default_factory=lambda: new_id("o"))


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A command in the journal; one without an end is running, or was killed."""

    command_id: str
    began_at: datetime
    operator: str
    host: str
    settings_file: str
    command: str
    arguments: list[str]
    companies: list[str]
    ended_at: datetime | None
    exit_code: int | None
    outcome: str | None


_ENDED = aliased(JournalLine)
_ENTRIES = (
    select(
        JournalLine.command_id,
        JournalLine.at,
        JournalLine.operator,
        JournalLine.host,
        JournalLine.settings_file,
        JournalLine.command,
        JournalLine.arguments,
        func.coalesce(_ENDED.companies, JournalLine.companies),
        _ENDED.at,
        _ENDED.exit_code,
        _ENDED.outcome,
    )
    .outerjoin(_ENDED, (_ENDED.command_id == JournalLine.command_id) & (_ENDED.event == "ended"))
    .where(JournalLine.event == bindparam("begun"), JournalLine.at >= bindparam("since"))
    .order_by(JournalLine.at.desc(), JournalLine.id.desc())
    .limit(bindparam("limit"))
)
_OF_COMPANY = _ENTRIES.where(
    or_(
        bindparam("company_id") == any_(JournalLine.companies),
        bindparam("company_id") == any_(_ENDED.companies),
    )
)
_WORDS = bindparam("words", type_=ARRAY(Text))
_IDS = select(Tenant.id).where(or_(Tenant.id == any_(_WORDS), Tenant.slug == any_(_WORDS)))
_PURGED_IDS = (
    select(DeletionReceipt.tenant_id)
    .where(or_(DeletionReceipt.tenant_id == any_(_WORDS), DeletionReceipt.slug == any_(_WORDS)))
    .order_by(DeletionReceipt.purged_at.desc())
)
_ADD = insert(JournalLine).on_conflict_do_nothing(index_elements=[JournalLine.command_id, JournalLine.event])


class Journal:
    """Writes and reads the journal. Without a catalog, lines wait in the directory. Writing never fails; what cannot
    be written anywhere is logged."""

    def __init__(self, directory: Path, catalog: Catalog | None = None) -> None:
        self._waiting = directory / WAITING
        self._catalog = catalog

    def begin(self, command: Command, named: Sequence[str] = ()) -> Command:
        """Write that the command began, and return it with the companies of these slugs or ids."""
        try:
            command = replace(command, companies=self._ids_of(named))
        except RECOVERABLE_ERRORS as problem:
            log.error("journal_without_companies", reason=sentence(problem))  # noqa: TRY400 (no traceback for operators)
        self._write({**asdict(command), "event": "begun", "at": now()})
        return command

    def end(self, command: Command, exit_code: int, outcome: str) -> None:
        """Write how the command ended."""
        ended = {"event": "ended", "at": now(), "exit_code": exit_code, "outcome": without_secrets(outcome)}
        self._write({**asdict(command), **ended})

    def take_up(self) -> None:
        """Bring the lines that wait into the catalog. Several processes may do so at once."""
        assert self._catalog is not None
        for path in sorted(self._waiting.glob("*.json")):
            line = _line_of(path)
            if line is not None:
                with self._catalog.begin() as session:
                    session.execute(_ADD, line)
                path.unlink(missing_ok=True)

    def entries(self, since: datetime, limit: int, company: str | None = None) -> list[JournalEntry]:
        """Return the newest commands since then, the newest first; with a slug or id, those about this company, though it
        may be purged."""
        assert self._catalog is not None
        values: dict[str, Any] = {"begun": "begun", "since": since, "limit": limit}
        with self._catalog.reading() as reader:
            if company is None:
                rows = reader.rows(_ENTRIES, values)
            else:
                words = {"words": [company]}
                found = reader.row(_IDS, words) or reader.row(_PURGED_IDS, words) or (company,)
                rows = reader.rows(_OF_COMPANY, {**values, "company_id": found[0]})
        return [JournalEntry(*row) for row in rows]

    def _ids_of(self, words: Sequence[str]) -> tuple[str, ...]:
        if self._catalog is None or not words:
            return ()
        with self._catalog.reading() as reader:
            return tuple(company_id for (company_id,) in reader.rows(_IDS, {"words": list(words)}))

    def _write(self, line: dict[str, Any]) -> None:
        if self._catalog is not None:
            try:
                self.take_up()
                with self._catalog.begin() as session:
                    session.execute(_ADD, line)
            except RECOVERABLE_ERRORS as problem:
                log.error("journal_line_waits", file=str(self._waiting), reason=sentence(problem))  # noqa: TRY400 (no traceback for operators)
            else:
                return
        try:
            self._let_wait(line)
        except OSError as problem:
            log.error("not_in_the_journal", file=str(self._waiting), reason=sentence(problem))  # noqa: TRY400 (the same)

    def _let_wait(self, line: dict[str, Any]) -> None:
        """Write the line to a file of its own, which has its name only once it is complete and on disk."""
        self._waiting.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._waiting / f"{now():%Y%m%dT%H%M%S.%f}-{token_hex(4)}.json"
        descriptor = os.open(path.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(line))
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".part").rename(path)


def _line_of(path: Path) -> dict[str, Any] | None:
    """Return the line that waits in the file; None if it is gone, or none, and then it is put aside."""
    try:
        line: dict[str, Any] = orjson.loads(path.read_bytes())
        return {**line, "at": datetime.fromisoformat(line["at"])}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        log.error("journal_line_unreadable", file=str(path))  # noqa: TRY400 (the same)
        path.rename(path.with_suffix(".unreadable"))
        return None


def operator_name() -> str:
    """Return who runs this process, and through whom, where sudo says so."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    by_sudo = os.environ.get("SUDO_USER")
    return f"{by_sudo} as {name}" if by_sudo and by_sudo != name else name


def command_of(command: str, arguments: Iterable[str], settings_file: str) -> Command:
    """Return the command as the journal keeps it: without passwords and e-mail addresses."""
    kept = tuple(without_secrets(word) for word in arguments)
    return Command(command, kept, operator_name(), socket.gethostname(), settings_file)


def without_secrets(text: str) -> str:
    """Return the text without the passwords of URLs and e-mail addresses, as PostgreSQL can hold it."""
    storable = text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    return " ".join(_without_secret(word) for word in storable.split(" "))


def _without_secret(word: str) -> str:
    if "://" in word:
        return _PASSWORD_IN_QUERY.sub(r"\1***", _PASSWORD_IN_URL.sub(r"\1***@", word))
    return _ADDRESS.sub("(address)", word)
