"""What an import of many rows costs: time and memory."""

from __future__ import annotations

import resource
import time
import tracemalloc

from sqlalchemy import func, select

from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.models.tenant.contact import Contact
from tests.integration.transfer.importing import Importing

ROWS = 2_500
COLUMNS = "Name,E-mail,Phone,Company,Street,City,Country,Notes"


def many() -> str:
    rows = (
        f"Person {n},person{n}@example{n % 50}.org,+49 431 {100000 + n},Company {n % 400},Street {n},Kiel,Germany,{'note ' * 20}"
        for n in range(ROWS)
    )
    return f"{COLUMNS}\n" + "\n".join(rows) + "\n"


def test_thousands_of_rows_take_little_time_and_memory(importing: Importing) -> None:
    # With every column, so that what is read once in a process counts as no row's.
    importing.csv(f"{COLUMNS}\nWarm Up,warm@example.org,+49 431 100,Company 0,Street,Kiel,Germany,note\n")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    result = importing.csv(many())
    assert (result.created, result.updated, result.skipped, result.errors) == (ROWS, 0, 0, [])
    assert time.process_time() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 15_000
    assert importing.session.scalar(select(func.count()).select_from(Contact)) == ROWS + 401


def test_memory_does_not_grow_with_the_rows(importing: Importing) -> None:
    importing.csv("Name\nWarm Up\n")
    tracemalloc.start()
    try:
        importing.parsed(ParsedContact(n, {"name": f"Person {n}", "note": "x" * 2000}) for n in range(1500))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
