"""An installation whose companies have one noun more, from a template of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg2 import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from webtest import TestApp

from crmtenant import make_app
from crmtenant.api.crm import ENTITIES
from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.db.schema.migrations import head
from crmtenant.platform import Platform
from tests.functional.entities.memo import MEMOS, Memo
from tests.functional.installation import Client, Company, settings_for, tear_down


@pytest.fixture(scope="module")
def memo_platform(
    server_address: ServerAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    directory: Path = tmp_path_factory.mktemp("memos")
    settings = settings_for(directory, catalog_database=f"crmtenant_{secrets.token_hex(4)}")
    platform = Platform(settings, Server(server_address, lambda: None))
    _add_memos_to_the_template(server_address, platform)
    yield platform
    tear_down(server_address, platform)
    platform.close()


def _add_memos_to_the_template(server: ServerAddress, platform: Platform) -> None:
    names = platform.operations.servers.names
    template = names.template(head("tenant"))
    with administering(server.admin()) as admin:
        admin.run(statements.statement("ALTER DATABASE {} ALLOW_CONNECTIONS true", template))
        with administering(server.admin(template)) as inside:
            inside.run(sql.SQL("SET ROLE {}").format(sql.Identifier(names.owner)))
            for made in (CreateTable(Memo.__table__), *map(CreateIndex, Memo.__table__.indexes)):
                inside.run(str(made.compile(dialect=postgresql.dialect())))
        statements.seal_template(admin, template)


@pytest.fixture(scope="module")
def memo_app(memo_platform: Platform) -> TestApp:
    app = make_app(memo_platform, registrations=(*ENTITIES, MEMOS))
    return TestApp(app, extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture(scope="module")
def company(server_address: ServerAddress, memo_platform: Platform, memo_app: TestApp) -> Company:
    return Company(server_address, memo_platform, memo_app, "Memos")


@pytest.fixture(scope="module")
def other_company(server_address: ServerAddress, memo_platform: Platform, memo_app: TestApp) -> Company:
    return Company(server_address, memo_platform, memo_app, "Other")


@pytest.fixture
def owner(company: Company) -> Iterator[Client]:
    yield company.client()
    company.execute("TRUNCATE memo, contact, project CASCADE")
