"""A process that registers a company and kills itself, for certain, at a chosen step."""

from __future__ import annotations

import importlib
import itertools
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from crmtenant.db.admin.locks import UPKEEP
from crmtenant.db.pool.address import ServerAddress
from crmtenant.services.backups.restoring import lock_of
from crmtenant.services.fleet.migration import MIGRATING
from crmtenant.services.tenants.registration_rows import NewCompany
from tests.forks import forked
from tests.integration.installation import Installation


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(where: str, moment: str, *, call: int = 1, delay_seconds: float = 0.003) -> None:
    """Nothing comes back; whoever comes to this step, for the so many-th time, dies before it, after it, or
    so many seconds after it began."""
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
    Installation(server, catalog).keeping(path.parent).restorer.into(path, tenant_id)


def _purge(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).keeping(directory).lifecycle.purge(tenant_id, by="test")


def _save(
    server: ServerAddress, catalog: str, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    _arm(where, moment)
    Installation(server, catalog).keeping(directory).backups.make(tenant_id, by="test")


def _move(server: ServerAddress, catalog: str, tenant_id: str, target: str, where: str, moment: str) -> None:
    _arm(where, moment)
    installation = Installation(server, catalog)
    installation.keeping(Path()).mover.move(tenant_id, installation.servers.named(target))


def move_and_die(installation: Installation, tenant_id: str, target: str, where: str, moment: str) -> None:
    """Nothing comes back; a process that was moving the company has been killed at that step."""
    _die_over(_move, installation, tenant_id, target, where, moment)


def register_and_die(installation: Installation, request: NewCompany, where: str, moment: str) -> None:
    """Nothing comes back; a process that was registering the company has been killed at that step."""
    _run_until_killed(_register, installation.server, installation.names.catalog, request, where, moment)


def top_up_and_die(installation: Installation, where: str, moment: str) -> None:
    """Nothing comes back; a process that was making a spare has been killed at that step."""
    _run_until_killed(_top_up, installation.server, installation.names.catalog, where, moment)
    _wait_until_its_lock_is_free(installation, UPKEEP)


def migrate_and_die(installation: Installation, where: str, moment: str) -> None:
    """Nothing comes back; a process that was migrating the fleet has been killed at that step."""
    _run_until_killed(_migrate, installation.server, installation.names.catalog, where, moment)
    _wait_until_its_lock_is_free(installation, MIGRATING)


def migrate_together_and_die(
    installation: Installation, where: str, moment: str, call: int, delay_seconds: float
) -> None:
    """Nothing comes back; a process that was migrating several companies at once has been killed there, and
    PostgreSQL has ended what it was at."""
    arguments = (where, moment, call, delay_seconds)
    _run_until_killed(_migrate_together, installation.server, installation.names.catalog, *arguments)
    _wait_until_its_lock_is_free(installation, MIGRATING)
    deadline = time.monotonic() + 10
    while installation.admin("SELECT 1 FROM pg_stat_activity WHERE application_name = 'crmtenant migration'"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def restore_and_die(installation: Installation, path: Path, tenant_id: str, where: str, moment: str) -> None:
    """Nothing comes back; a process that was restoring the company has been killed at that step."""
    _die_over(_restore, installation, path, tenant_id, where, moment)


def purge_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Nothing comes back; a process that was purging the company has been killed at that step."""
    _die_over(_purge, installation, directory, tenant_id, where, moment)


def save_and_die(
    installation: Installation, directory: Path, tenant_id: str, where: str, moment: str
) -> None:
    """Nothing comes back; a process that was saving the company has been killed at that step."""
    _die_over(_save, installation, directory, tenant_id, where, moment)


def _die_over(target: Any, installation: Installation, *arguments: Any) -> None:
    _run_until_killed(target, installation.server, installation.names.catalog, *arguments)
    for (database,) in installation.rows("SELECT database FROM set_aside"):
        _wait_until_its_lock_is_free(installation, lock_of(database))


def _wait_until_its_lock_is_free(installation: Installation, task: str) -> None:
    """Nothing comes back; PostgreSQL has noticed that the process is gone."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with installation.servers.try_lock(task) as is_alone:
            if is_alone:
                return
        time.sleep(0.02)
    raise AssertionError("the lock of a dead process is not free")


def _run_until_killed(target: Any, *arguments: Any) -> None:
    process = forked(target, *arguments)
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
