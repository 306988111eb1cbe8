"""What runs without a request: minding PostgreSQL, keeping spares, reconciling, saving, sweeping up.

`Worker` is all of it. It is a process of its own (`crmtenant worker`), or goes along with a serving one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.demo import writer
from crmtenant.services import notify
from crmtenant.services.fleet import server_rows
from crmtenant.services.identity import invitations
from crmtenant.services.jobs.nightly_backup import NightlyBackup
from crmtenant.services.jobs.reminders import Reminders
from crmtenant.worker import smtp
from crmtenant.worker.listener import NotifyListener
from crmtenant.worker.maintenance import Maintenance
from crmtenant.worker.metrics_exporter import MetricsExporter
from crmtenant.worker.periodic import Chore, PeriodicTask
from crmtenant.worker.server_watchdog import ServerWatchdog

if TYPE_CHECKING:
    from crmtenant.platform import Platform

SAVING_INTERVAL_SECONDS = 60
MAILING_INTERVAL_SECONDS = 30
REMINDING_INTERVAL_SECONDS = 60


class Worker:
    """Everything that is done without anybody asking, and what serving processes ask for."""

    def __init__(self, platform: Platform) -> None:
        operations, settings = platform.operations, platform.settings
        self._registrar = operations.registrar
        self._wake = threading.Event()
        self._founding = ThreadPoolExecutor(1, "founding")
        delivery = smtp.delivery_of(platform)
        resets = platform.identity.reset_mailer
        sweeps = [delivery.sweep, resets.sweep] if delivery else []
        self._parts: list[Maintenance | PeriodicTask | NotifyListener] = [
            upkeep_of(platform, self._wake, sweeps)
        ]
        if settings.backup_at is not None:
            nightly = NightlyBackup(
                platform.databases.catalog, operations.servers, operations.backups, settings.backup_at
            )
            saving = PeriodicTask("saving", [nightly.save_due], interval_seconds=SAVING_INTERVAL_SECONDS)
            self._parts.append(saving)
        handlers: dict[str, Callable[[str], object]] = {
            notify.SPARES: lambda _: self._wake.set(),
            notify.COMPANY_CREATED: self._found,
        }
        if delivery is not None:
            sending = PeriodicTask(
                "mailing", [resets.answer, delivery.send_due], interval_seconds=MAILING_INTERVAL_SECONDS
            )
            reminders = Reminders(platform.databases.catalog, platform.databases.addresses, platform.mail)
            reminding = PeriodicTask(
                "reminding", [reminders.remind], interval_seconds=REMINDING_INTERVAL_SECONDS
            )
            self._parts += [sending, reminding]
            handlers[notify.MAIL] = lambda _: sending.wake()
        self._parts.append(NotifyListener(platform.databases.catalog.address, handlers))

    def start(self) -> None:
        """Nothing comes back; everything goes on in threads of its own."""
        for part in self._parts:
            part.start()

    def stop(self) -> None:
        """Nothing comes back; every thread has finished what it was at, and ended."""
        for part in reversed(self._parts):
            part.stop()
        self._founding.shutdown(cancel_futures=True)

    def _found(self, tenant_id: str) -> None:
        """A process without rights waits for this company's database; without a name, nobody can tell which:
        the reconciler finds it."""
        if tenant_id:
            self._founding.submit(self._registrar.finish, tenant_id)


def upkeep_of(platform: Platform, wake: threading.Event, sweeps: Sequence[Chore] = ()) -> Maintenance:
    """The upkeep of this platform, not yet running."""
    operations = platform.operations
    spares = operations.spares(platform.settings.spares)
    return Maintenance(
        operations.reconciler(spares),
        spares,
        [
            platform.tenants.registrar.sweep_keys,
            platform.identity.rate_limits.sweep,
            platform.identity.sessions.sweep,
            partial(invitations.sweep, platform.databases.catalog),
            operations.cleanup.sweep,
            operations.role_password_rotation.heal,
            operations.mover.release,
            operations.mover.sweep,
            partial(server_rows.measure, platform.databases.catalog, operations.servers),
            *sweeps,
        ],
        interval_seconds=platform.settings.upkeep_interval_seconds,
        wake=wake,
    )


def expose(platform: Platform) -> None:
    """Nothing comes back; Prometheus may ask as long as the process serves, if that is wished."""
    if platform.settings.metrics_listen is not None:
        exposing = MetricsExporter(platform, platform.settings.metrics_listen)
        platform.accompany(exposing.start, exposing.stop)


def accompany(platform: Platform) -> None:
    """Nothing comes back; what belongs to the serving will begin and end with it."""
    if platform.settings.is_embedded:
        # First here is last to stop: what the others are finishing may still need PostgreSQL.
        watch = ServerWatchdog(platform.revive_server)
        platform.accompany(watch.start, watch.stop)
    if platform.settings.demo:
        writer.accompany(platform)
    expose(platform)
    if platform.settings.worker_inside:
        worker = Worker(platform)
        platform.accompany(worker.start, worker.stop)
