"""The configuration files of the embedded PostgreSQL, written at each start."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PORT = 5432
SUPERUSER = "postgres"
SETTINGS = "crmtenant.conf"


def host_based_authentication(catalog_database: str) -> str:
    """Return the text of pg_hba.conf. The first matching line decides; no line is `trust`.

    The superuser connects over the socket as one of the operators, never by password. A company's role connects to
    the database of its own name only. `<catalog>_app` connects to databases whose names begin like the catalog's,
    so that several installations can share a server; the CONNECT privilege decides among them.
    """
    return (
        "# Written by crmtenant at each start.\n"
        f"local all      {SUPERUSER} peer map=operators\n"
        f'local "/^{catalog_database}[a-z0-9_]*$" "/^{catalog_database}[a-z0-9_]*_app$" scram-sha-256\n'
        'local sameuser "/^t_[a-z2-7]{26}$" scram-sha-256\n'
        "local all all reject\n"
        "local replication all reject\n"
    )


def operators(names: Iterable[str]) -> str:
    """Return the text of pg_ident.conf: the users of this machine who may log in as PostgreSQL's superuser."""
    lines = (f'operators "{name}" {SUPERUSER}\n' for name in sorted(set(names)))
    return "# Written by crmtenant at each start.\n" + "".join(lines)


def settings(sockets: Path, *, max_connections: int, fsync: bool) -> str:
    """Return the text of crmtenant.conf, which postgresql.conf includes last."""
    values: dict[str, str | int] = {
        "cluster_name": "crmtenant",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": '"{}"'.format(str(sockets).replace('"', '""')),
        "max_connections": max_connections,
        # Needed to move a company to another server while it is in use.
        "wal_level": "logical",
        "password_encryption": "scram-sha-256",
        # Walking every file of every company's database takes seconds after a crash; syncfs 0.2 s.
        "recovery_init_sync_method": "syncfs",
        "idle_in_transaction_session_timeout": "30s",
        "client_connection_check_interval": "1s",
        "temp_file_limit": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "default_text_search_config": "pg_catalog.simple",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_rotation_age": "1d",
        "log_rotation_size": 0,
        "log_truncate_on_rotation": "on",
        # Statements and details contain personal data; the application's log has the traceback.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if not fsync:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    lines = ("{} = '{}'\n".format(name, str(value).replace("'", "''")) for name, value in values.items())
    return "# Written by crmtenant at each start; your own settings belong in postgresql.conf.\n" + "".join(
        lines
    )
