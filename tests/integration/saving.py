"""A company full of work, people who go on working in it, and a look at all of it."""

from __future__ import annotations

import threading
import time
from io import BytesIO
from typing import Any

from sqlalchemy.orm import Session

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.db.admin.checksums import Contents, differences
from crmtenant.demo.people import FOUNDER, MANAGER, VIEWER, WORKER
from crmtenant.demo.writer import DemoWriter
from crmtenant.services.tenants import companies
from tests.integration.installation import Installation, new_company

# A task and a kept answer in each transaction: a backup that holds more of one is of no single moment.
_WRITE = """
    INSERT INTO task (title, status, position, priority, assignee_ids, labels, title_key, search,
                      created_at, updated_at, created_by, updated_by, version)
    VALUES ('Straße ' || %(n)s, 'open', %(n)s, 0, '{{}}', '{{"a,b"}}', 'x', to_tsvector('simple', 'x'),
            now(), now(), %(who)s, %(who)s, 1);
    INSERT INTO answer (user_id, key, request_hash, created_at) VALUES (%(who)s, %(n)s, '\\x00ff', now());
    UPDATE contact SET version = version + 1 WHERE id %% 50 = %(n)s %% 50;
""".replace("{{", "{").replace("}}", "}")


#: of the nouns, each after those that it refers to
TABLES = entity_tree_of(ENTITIES).entities.by_table


class _WrittenRows:
    """The rows of a company, to be copied into another: writing them one by one takes a second."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._user_id = user_id.encode()
        self._tables = {table: BytesIO() for table in TABLES}
        for table, rows in self._tables.items():
            _cursor(session).copy_expert(f"COPY {table} TO STDOUT", rows)

    def copy_to(self, session: Session, user_id: str) -> None:
        """Write the same rows, by this person, and let ids go on after them."""
        for table, rows in self._tables.items():
            text_rows = rows.getvalue().replace(self._user_id, user_id.encode())
            _cursor(session).copy_expert(f"COPY {table} FROM STDIN", BytesIO(text_rows))
            _cursor(session).execute(_ADVANCE.format(table=table))


_ADVANCE = "SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, (SELECT max(id) FROM {table}))"
#: those of the first busy company of this process
_written: list[_WrittenRows] = []


def _cursor(session: Session) -> Any:
    return session.connection().connection.cursor()


def busy_company(installation: Installation, name: str = "Northwind") -> tuple[str, str]:
    """The id of a company with contacts, projects and tasks, and its founder's."""
    made = installation.registrar.register(new_company(name))
    with installation.broker.begin(address_of(installation, made.tenant_id)) as session:
        if _written:
            _written[0].copy_to(session, made.user_id)
        else:
            DemoWriter(session, dict.fromkeys((FOUNDER, MANAGER, WORKER, VIEWER), made.user_id)).write()
            session.flush()
            _written.append(_WrittenRows(session, made.user_id))
    return made.tenant_id, made.user_id


def address_of(installation: Installation, tenant_id: str) -> Any:
    """The company's database as its own role, wherever it is."""
    with installation.catalog.reading() as reader:
        place = companies.find(reader, tenant_id)
    assert place is not None
    return installation.addresses.of(place, tenant_id)


def contents_of(installation: Installation, tenant_id: str) -> Contents:
    """What the company's database holds, wherever it is."""
    ((server_id, database),) = installation.rows(
        "SELECT server_id, database FROM tenant WHERE id = :id", id=tenant_id
    )
    return installation.servers.of(server_id).dumps.contents(database)


def assert_works(installation: Installation, tenant_id: str, saved: Contents) -> None:
    """Assert that the company's role can connect, finds what was saved, and can write."""
    assert differences(saved, contents_of(installation, tenant_id)) == []
    connection = address_of(installation, tenant_id).connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM company")
        assert cursor.fetchall() == [(tenant_id,)]
        cursor.execute(_WRITE, {"n": time.monotonic_ns(), "who": "tester"})
        connection.rollback()
    connection.close()


class Writers:
    """People who write into a company without pause, each over a connection of their own."""

    def __init__(self, address: Any, count: int = 4) -> None:
        self._address = address
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(f"w{n}",)) for n in range(count)]
        self.written = 0
        self._committed = [0] * count
        self.failures: list[BaseException] = []

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        while not self.written and not self.failures:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    @property
    def transactions(self) -> int:
        """How many were committed, by all of them; exact once they are through."""
        return sum(self._committed)

    def _work(self, who: str) -> None:
        connection = self._address.connect()
        number = 0
        try:
            while not self._is_over.is_set():
                number += 1
                with connection, connection.cursor() as cursor:
                    # Contacts one person each: who updates the same rows would only wait for the other.
                    cursor.execute(_WRITE, {"n": number * 10 + int(who[1:]), "who": who})
                self._committed[int(who[1:])] = number
                self.written += 3
        except BaseException as failure:
            self.failures.append(failure)
        finally:
            connection.close()
