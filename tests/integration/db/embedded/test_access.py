"""Whom the embedded server lets in, and its settings."""

from __future__ import annotations

import pwd
from pathlib import Path

import psycopg2
import pytest

from crmtenant.db.pool.address import ServerAddress
from tests.integration.db.embedded.servers import (
    OTHER_TENANT,
    TENANT,
    exit_code_as,
    needs_root,
    scalar,
)

# One server for all of them.
pytestmark = pytest.mark.xdist_group("embedded_access")


@pytest.mark.parametrize(
    ("user", "database"),
    [
        (TENANT, TENANT),
        (OTHER_TENANT, OTHER_TENANT),
        ("crmtenant_app", "crmtenant"),
        ("crmtenant_t1_app", "crmtenant_t1"),
    ],
)
def test_a_role_reaches_its_own_database_with_its_password(
    guarded: ServerAddress, user: str, database: str
) -> None:
    guarded.database(database, user, "secret").connect().close()


@pytest.mark.parametrize("user", [TENANT, "crmtenant_app"])
def test_nobody_is_trusted_without_the_right_password(guarded: ServerAddress, user: str) -> None:
    database = TENANT if user == TENANT else "crmtenant"
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        guarded.database(database, user, "guess").connect()
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        guarded.database(database, user, None).connect()


@pytest.mark.parametrize(
    ("user", "database"),
    [
        *((TENANT, name) for name in (OTHER_TENANT, "crmtenant", "crmtenant_t1", "postgres", "template1")),
        *(("crmtenant_app", name) for name in (TENANT, "postgres", "template1", "stranger")),
        *(("stranger", name) for name in ("stranger", TENANT, "crmtenant", "postgres")),
    ],
)
def test_a_role_reaches_no_other_database_even_one_open_to_all(
    guarded: ServerAddress, user: str, database: str
) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects connection"):
        guarded.database(database, user, "secret").connect()


def test_a_role_cannot_come_as_a_replica(guarded: ServerAddress) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"pg_hba\.conf rejects"):
        guarded.database(TENANT, TENANT, "secret").connect(replication="true")


@needs_root
def test_the_superuser_comes_only_as_an_operator_of_the_machine_never_by_password(
    guarded: ServerAddress,
) -> None:
    # The socket's directory is closed to others; open it, so that the second wall is what is tested.
    Path(guarded.host).chmod(0o755)

    def intrude() -> None:
        with pytest.raises(psycopg2.OperationalError, match="Peer authentication failed"):
            guarded.database("postgres", "postgres", "secret").connect()

    assert exit_code_as(pwd.getpwnam("nobody"), intrude) == 0


def test_the_socket_is_the_only_door(guarded: ServerAddress) -> None:
    assert scalar(guarded, "SELECT count(*) FROM pg_hba_file_rules WHERE type <> 'local'") == 0
    assert scalar(guarded, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'") == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("listen_addresses", ""),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("server_encoding", "UTF8"),
        ("recovery_init_sync_method", "syncfs"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("client_connection_check_interval", "1s"),
        ("temp_file_limit", "256MB"),
    ],
)
def test_the_settings_are_ours(guarded: ServerAddress, setting: str, value: str) -> None:
    assert scalar(guarded, f"SHOW {setting}") == value


def test_names_compare_by_code_point_and_fold_every_script(guarded: ServerAddress) -> None:
    assert scalar(guarded, "SELECT lower('ÄÖЖ') || (U&'Z' < U&'\\00E4')::text") == "äöжtrue"
