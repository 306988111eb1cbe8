"""Tables for people: rows of a noun with names in place of ids, and nothing from the trash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam

from crmtenant.text.mentions import with_names

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people.

    `batch` selects its next rows by id, the first column; `user_columns` hold ids of people, `texts` name them.
    """

    file: str
    columns: tuple[str, ...]
    batch: Select[*tuple[Any, ...]]
    user_columns: frozenset[str]
    texts: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, file: str, rows: Select[*tuple[Any, ...]], *user_columns: str, texts: tuple[str, ...] = ()
    ) -> Sheet:
        """Return the sheet of these rows, whose first column is the id."""
        row_id = rows.selected_columns[0]
        batch = rows.where(row_id > bindparam("after")).order_by(row_id).limit(ROWS_AT_ONCE)
        return cls(
            file, tuple(rows.selected_columns.keys()), batch, frozenset(user_columns), frozenset(texts)
        )

    def rows(self, reader: Reader, names: Mapping[str, str]) -> Iterator[list[Any]]:
        """Yield each row's values in the order of the columns.

        `names` are the people's, by id; who is not among them stays an id.
        """
        of_people = [index for index, name in enumerate(self.columns) if name in self.user_columns]
        texts = [index for index, name in enumerate(self.columns) if name in self.texts]
        batch = reader.rows(self.batch, {"after": 0})
        while batch:
            for found in batch:
                row = list(found)
                for index in of_people:
                    row[index] = _named(row[index], names)
                for index in texts:
                    row[index] = with_names(row[index], names)
                yield row
            batch = reader.rows(self.batch, {"after": batch[-1][0]}) if len(batch) == ROWS_AT_ONCE else []


def _named(people: str | Sequence[str] | None, names: Mapping[str, str]) -> str | list[str] | None:
    if people is None or isinstance(people, str):
        return names.get(people, people) if people else None
    return [names.get(person, person) for person in people]
