"""Processes that kill themselves at a chosen step of an operation."""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from crmtenant import advisory_locks
from crmtenant.db.admin.provisioning import Provisioner
from crmtenant.db.pool.address import ServerAddress
from crmtenant.services.fleet.database_swap import lock_name
from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from crmtenant.services.tenants.registration_rows import NewCompany
from tests.forks import forked
from tests.integration.installation import Installation
from tests.nouns import NOUNS


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(where: str, moment: str, *, call: int = 1, delay_seconds: float = 0.003) -> None:
    """Make the process die at the `call`-th call of this step: before it, after it, or so many seconds after its start."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner = importlib.import_module(module)
    for attribute in owners:
        owner = getattr(owner, attribute)
    real = getattr(owner, name)
    calls = itertools.count(1)

    def step(*arguments: Any, **options: Any) -> Any:
        if next(calls) < call:
            return real(*arguments, **options)
        if moment in {"during", "later"}:
            threading.Timer(delay_seconds, _die).start()
        if moment == "later":
            return real(*arguments, **options)
        if moment != "before":
            real(*arguments, **options)
        _die()
        return None

    setattr(owner, name, step)


def _register(server: ServerAddress, catalog: str, request: NewCompany, where: str, moment: str) -> None:
    _arm(where, moment)
    Installation(server, catalog).registrar.register(request)


def _top_up(server: ServerAddress, catalog: str, where: str, moment: str) -> None:
    _arm(where, moment)
    Installation(server, catalog).spares(1).top_up()


def _migrate(server: ServerAddress, catalog: str, where: str, moment: str) -> None:
    _arm(where, moment)
    installation = Installation(server, catalog)
    fleet = installation.fleet()
    fleet.migrate(fleet.behind(), jobs=1)


def _migrate_keeping(server: ServerAddress, catalog: str, where: str, moment: str) -> None:
    Provisioner.can_clone = lambda _: True  # type: ignore[method-assign]
    _arm(where, moment)
    fleet = Installation(server, catalog).operations(Path()).fleet_migration
    fleet.migrate(fleet.behind(), keep_copies="all", jobs=1)


def _migrate_together(
    server: ServerAddress, catalog: str, where: str, moment: str, call: int, delay_seconds: float
) -> None:
    _arm(where, moment, call=call, delay_seconds=delay_seconds)
    installation = Installation(server, catalog)
    fleet = installation.fleet()
    fleet.migrate(fleet.behind())
    # Faster than the delay: killed all the same, with everything done.
    time.sleep(30)


def _restore(
    server: ServerAddress, catalog: str, path: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).operations(path.parent).restorer.into(path, tenant_id)


def _purge(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).operations(directory).lifecycle.purge(tenant_id, by="test")


def _save(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).operations(directory).backups.make(tenant_id, by="test")


def _do_jobs(server: ServerAddress, catalog: str, directory: Path, where: str, moment: str) -> None:
    _arm(where, moment)
    installation = Installation(server, catalog)
    CompanyJobRunner(installation.catalog, installation.operations(directory).apart, NOUNS).run_waiting()


def _move(server: ServerAddress, catalog: str, tenant_id: str, target: str, where: str, moment: str) -> None:
    _arm(where, moment)
    installation = Installation(server, catalog)
    installation.operations(Path()).mover.move(tenant_id, installation.servers.named(target))


def _recover(server: ServerAddress, catalog: str, directory: Path, where: str, moment: str) -> None:
    _arm(where, moment)
    recovery = Installation(server, catalog).recovery(directory)
    recovery.restore(recovery.newest_backup())
    list(recovery.reconcile())
    recovery.open()


def _go_back(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    with Installation(server, catalog).operations(directory).going_back.prepare(tenant_id) as prepared:
        prepared.go()


def _undo_restore(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).operations(directory).restorer.undo(tenant_id)


def go_back_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Bring the company back behind its migration in a process that is killed at that step."""
    _die_over(_go_back, installation, directory, tenant_id, where, moment)


def undo_restore_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Undo the company's last restore in a process that is killed at that step."""
    _die_over(_undo_restore, installation, directory, tenant_id, where, moment)


def recover_and_die(installation: Installation, directory: Path, where: str, moment: str) -> None:
    """Recover the catalog in a process that is killed at that step."""
    _run_until_killed(_recover, installation, directory, where, moment)
    wait_until_its_lock_is_free(installation, advisory_locks.MAINTENANCE)


def move_and_die(installation: Installation, tenant_id: str, target: str, where: str, moment: str) -> None:
    """Move the company in a process that is killed at that step."""
    _die_over(_move, installation, tenant_id, target, where, moment)


def register_and_die(installation: Installation, request: NewCompany, where: str, moment: str) -> None:
    """Register the company in a process that is killed at that step."""
    _run_until_killed(_register, installation, request, where, moment)


def top_up_and_die(installation: Installation, where: str, moment: str) -> None:
    """Make a spare in a process that is killed at that step."""
    _run_until_killed(_top_up, installation, where, moment)
    wait_until_its_lock_is_free(installation, advisory_locks.MAINTENANCE)


def migrate_and_die(installation: Installation, where: str, moment: str) -> None:
    """Migrate the fleet in a process that is killed at that step."""
    _run_until_killed(_migrate, installation, where, moment)
    wait_until_its_lock_is_free(installation, advisory_locks.MIGRATION)


def migrate_keeping_and_die(installation: Installation, where: str, moment: str) -> None:
    """Migrate the fleet, keeping copies, in a process that is killed at that step."""
    _die_over(_migrate_keeping, installation, where, moment)
    wait_until_its_lock_is_free(installation, advisory_locks.MIGRATION)


def migrate_together_and_die(
    installation: Installation, where: str, moment: str, call: int, delay_seconds: float
) -> None:
    """Migrate several companies at once in a process that is killed there, and wait until PostgreSQL has noticed."""
    arguments = (where, moment, call, delay_seconds)
    _run_until_killed(_migrate_together, installation, *arguments)
    wait_until_its_lock_is_free(installation, advisory_locks.MIGRATION)
    deadline = time.monotonic() + 10
    while installation.admin("SELECT 1 FROM pg_stat_activity WHERE application_name = 'crmtenant migration'"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def restore_and_die(installation: Installation, path: Path, tenant_id: str, where: str, moment: str) -> None:
    """Restore the company in a process that is killed at that step."""
    _die_over(_restore, installation, path, tenant_id, where, moment)


def purge_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Purge the company in a process that is killed at that step."""
    _die_over(_purge, installation, directory, tenant_id, where, moment)


def save_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Save the company in a process that is killed at that step."""
    _die_over(_save, installation, directory, tenant_id, where, moment)


def do_jobs_and_die(installation: Installation, directory: Path, where: str, moment: str) -> None:
    """Do what owners asked for in a process that is killed at that step."""
    _die_over(_do_jobs, installation, directory, where, moment)


def _die_over(target: Any, installation: Installation, *arguments: Any) -> None:
    _run_until_killed(target, installation, *arguments)
    for (database,) in installation.rows("SELECT database FROM set_aside"):
        wait_until_its_lock_is_free(installation, lock_name(database))


def wait_until_its_lock_is_free(installation: Installation, task: str) -> None:
    """Wait until PostgreSQL has noticed that the process is gone."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with installation.servers.try_lock(task) as is_alone:
            if is_alone:
                return
        time.sleep(0.02)
    raise AssertionError("the lock of a dead process is not free")


def _run_until_killed(target: Any, installation: Installation, *arguments: Any) -> None:
    before = _sessions(installation)
    process = forked(target, installation.server, installation.names.catalog, *arguments)
    process.join(90)
    assert process.exitcode == -signal.SIGKILL
    _wait_until_ended(installation, _sessions(installation) - before)


def _sessions(installation: Installation) -> set[int]:
    catalog = installation.names.catalog
    return {
        pid for (pid,) in installation.admin("SELECT pid FROM pg_stat_activity WHERE datname = %s", catalog)
    }


def _wait_until_ended(installation: Installation, sessions: set[int]) -> None:
    """Wait until what a dead process had begun in the catalog is rolled back."""
    deadline = time.monotonic() + 10
    while sessions & _sessions(installation):
        assert time.monotonic() < deadline, "the session of a dead process has not ended"
        time.sleep(0.02)
