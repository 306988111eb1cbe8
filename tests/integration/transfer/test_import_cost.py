"""What an import of many rows costs: time and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import cast, event, func, select
from sqlalchemy.dialects.postgresql import TSQUERY

from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.models.tenant.contact import Contact
from tests.integration.transfer.importing import Importing

ROWS = 2_500
COLUMNS = "Name,E-mail,Phone,Company,Street,City,Country,Notes"


def many(rows: int) -> str:
    lines = (
        f"Person {n},person{n}@example{n % 50}.org,+49 431 {100000 + n},Company {n % 400},Street {n},Kiel,Germany,{'note ' * 20}"
        for n in range(rows)
    )
    return f"{COLUMNS}\n" + "\n".join(lines) + "\n"


def test_thousands_of_rows_take_little_time(importing: Importing) -> None:
    importing.csv("Name,Country\nWarm Up,Germany\n")
    started = time.process_time()
    result = importing.csv(many(ROWS))
    assert (result.created, result.updated, result.skipped, result.errors) == (ROWS, 0, 0, [])
    assert time.process_time() - started < 5
    assert importing.session.scalar(select(func.count()).select_from(Contact)) == ROWS + 401


def test_three_times_the_rows_take_the_same_memory(importing: Importing) -> None:
    # Traced, and not as the system sees it: what a process already has in its heap depends on the tests before.
    importing.csv(f"{COLUMNS}\nWarm Up,warm@example.org,+49 431 100,Company 0,Street,Kiel,Germany,note\n")
    few = peak(importing, many(600))
    assert peak(importing, many(1_800).replace("Person", "Other").replace("person", "other")) < 1.25 * few
    assert few < 20_000_000


def peak(importing: Importing, text: str) -> int:
    tracemalloc.start()
    try:
        importing.csv(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows(importing: Importing) -> None:
    importing.csv("Name\nWarm Up\n")
    tracemalloc.start()
    try:
        importing.parsed(ParsedContact(n, {"name": f"Person {n}", "note": "x" * 2000}) for n in range(1500))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_hundreds_of_rows_are_written_by_one_statement_each_way(importing: Importing) -> None:
    known = "Name,E-mail,Job Title\n" + "".join(f"Person {n},person{n}@example.org,\n" for n in range(300))
    importing.csv(known)
    with statements(importing) as sent:
        result = importing.csv(
            known.replace(",\n", ",Engineer\n")
            + "".join(f"New {n},new{n}@example.org,\n" for n in range(100))
        )
    assert (result.created, result.updated) == (100, 300)
    assert [sum(one.startswith(verb) for one in sent) for verb in ("INSERT", "UPDATE")] == [1, 1]
    assert importing.contact("Person 7").job_title == "Engineer"
    assert importing.contact("Person 7").version == 2


@contextmanager
def statements(importing: Importing) -> Iterator[list[str]]:
    connection, sent = importing.session.connection(), list[str]()

    def note(*arguments: Any) -> None:
        sent.append(arguments[2].lstrip())

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_a_trial_makes_no_tokens_and_what_is_imported_is_found(importing: Importing) -> None:
    with statements(importing) as sent:
        importing.csv("Name,Company\nAnna Berg,Berg GmbH\n", dry_run=True)
    assert len([one for one in sent if one.startswith("INSERT")]) == 1
    assert importing.names() == []
    importing.csv("Name\nAnna Berg\n")
    importing.csv("Name,E-mail,Company\nAnna Berg,anna@example.org,Süd GmbH\n")
    found = select(Contact.name).where(Contact.search.bool_op("@@")(cast("'example' & 'sud':*", TSQUERY)))
    assert list(importing.session.scalars(found)) == ["Anna Berg"]
