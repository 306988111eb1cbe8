"""The rows of a company, to be written again at once: over the API they are a request each."""

from __future__ import annotations

from io import BytesIO

from tests.functional.installation import TABLES, Company


class WrittenRows:
    """What stands in the tables of a company's nouns, and what can be undone."""

    def __init__(self, company: Company) -> None:
        self._tables = {
            table: BytesIO() for table in (*reversed(TABLES), "batch", "batch_row", "notification")
        }
        with company.administration.cursor() as cursor:
            for table, rows in self._tables.items():
                cursor.copy_expert(f"COPY {table} TO STDOUT", rows)

    def write_again(self, company: Company) -> None:
        """Write them into the same company, which is empty; ids go on after them."""
        with company.administration.cursor() as cursor:
            for table, rows in self._tables.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN", BytesIO(rows.getvalue()))
        company.skip_to_next()
