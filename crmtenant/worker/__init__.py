"""Background work: watching PostgreSQL, spares, reconciliation, backups, mails, cleanup.

`Worker` runs all of it, in a process of its own (`crmtenant worker`) or inside a serving process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.pool import notify
from crmtenant.demo import writer
from crmtenant.services.fleet import server_rows
from crmtenant.services.identity import invitations
from crmtenant.services.jobs.catalog_backup import CatalogBackup
from crmtenant.services.jobs.measuring import Measuring
from crmtenant.services.jobs.nightly_backup import NightlyBackup
from crmtenant.services.jobs.reminders import Reminders
from crmtenant.worker import smtp
from crmtenant.worker.listener import NotifyListener
from crmtenant.worker.maintenance import Maintenance
from crmtenant.worker.metrics_exporter import MetricsExporter
from crmtenant.worker.one_by_one import OneByOne
from crmtenant.worker.periodic import Job, PeriodicTask
from crmtenant.worker.server_watchdog import ServerWatchdog
from crmtenant.worker.usage_writer import UsageWriter

if TYPE_CHECKING:
    from crmtenant.platform import Platform

BACKUP_INTERVAL_SECONDS = 60
CATALOG_BACKUP_INTERVAL_SECONDS = 30
RELEASE_INTERVAL_SECONDS = 3
STOP_SECONDS = 10
MAIL_INTERVAL_SECONDS = 30
REMINDER_INTERVAL_SECONDS = 60
MEASURING_INTERVAL_SECONDS = 300


class Worker:
    """All background work, and what serving processes ask for by NOTIFY."""

    def __init__(self, platform: Platform) -> None:
        operations, settings = platform.operations, platform.settings
        self._registrar = operations.registrar
        self._interrupts = operations.servers.interrupts
        self._wake = threading.Event()
        self._registration = OneByOne("registration", self._registrar.finish)
        delivery = smtp.delivery_of(platform)
        resets, addresses = platform.identity.reset_mailer, platform.identity.email_change_mailer
        sweeps = [delivery.sweep, resets.sweep, addresses.sweep] if delivery else []
        self._parts: list[Maintenance | PeriodicTask | NotifyListener] = [
            maintenance_of(platform, self._wake, sweeps),
            PeriodicTask(
                "measuring",
                [measuring_of(platform).measure_due],
                interval_seconds=MEASURING_INTERVAL_SECONDS,
            ),
            PeriodicTask("pauses", [operations.mover.release], interval_seconds=RELEASE_INTERVAL_SECONDS),
        ]
        if settings.backup_at is not None:
            nightly = NightlyBackup(
                platform.databases.catalog, operations.servers, operations.backups, settings.backup_at
            )
            self._parts.append(
                PeriodicTask("nightly_backup", [nightly.save_due], interval_seconds=BACKUP_INTERVAL_SECONDS)
            )
            of_catalog = CatalogBackup(platform.databases.catalog, operations.servers, operations.backups)
            self._parts.append(
                PeriodicTask(
                    "catalog_backup", [of_catalog.save_due], interval_seconds=CATALOG_BACKUP_INTERVAL_SECONDS
                )
            )
        handlers: dict[str, Callable[[str], object]] = {
            notify.SPARES: lambda _: self._wake.set(),
            notify.COMPANY_CREATED: self._finish_registration,
        }
        if delivery is not None:
            mail_task = PeriodicTask(
                "mail",
                [resets.answer, addresses.answer, delivery.send_due],
                interval_seconds=MAIL_INTERVAL_SECONDS,
            )
            reminders = Reminders(platform.databases.catalog, platform.databases.addresses, platform.mail)
            reminder_task = PeriodicTask(
                "reminders", [reminders.remind], interval_seconds=REMINDER_INTERVAL_SECONDS
            )
            self._parts += [mail_task, reminder_task]
            handlers[notify.MAIL] = lambda _: mail_task.wake()
        self._parts.append(NotifyListener(platform.databases.catalog.address, handlers))

    def start(self) -> None:
        """Start every part in a thread of its own."""
        self._registration.start()
        for part in self._parts:
            part.start()

    def stop(self) -> None:
        """Stop every thread, once it has finished what it is doing; what takes longer is broken off or left to the next."""
        self._interrupts.set()
        for part in (*self._parts, self._registration):
            part.stop(timeout_seconds=0)
        deadline = time.monotonic() + STOP_SECONDS
        for part in (self._registration, *reversed(self._parts)):
            part.stop(timeout_seconds=max(0.0, deadline - time.monotonic()))

    def _finish_registration(self, tenant_id: str) -> None:
        """Make the database that a serving process waits for.

        Without an id the message was lost, and the reconciler finds the company.
        """
        if tenant_id:
            self._registration.put(tenant_id)


def maintenance_of(platform: Platform, wake: threading.Event, sweeps: Sequence[Job] = ()) -> Maintenance:
    """Return the maintenance thread of this platform, not yet started."""
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
            platform.journal.take_up,
            operations.role_password_rotation.heal,
            operations.mover.sweep,
            partial(server_rows.measure, platform.databases.catalog, operations.servers),
            *sweeps,
        ],
        interval_seconds=platform.settings.upkeep_interval_seconds,
        wake=wake,
    )


def measuring_of(platform: Platform) -> Measuring:
    """Return what measures companies and warns their owners."""
    return Measuring(
        platform.databases.catalog,
        platform.operations.servers,
        platform.databases.addresses,
        platform.identity.quotas,
        platform.mail,
        days_kept=platform.settings.usage_days,
    )


def expose(platform: Platform) -> None:
    """Export metrics to Prometheus as long as the process serves, if `metrics_listen` is set."""
    if platform.settings.metrics_listen is not None:
        exporter = MetricsExporter(platform, platform.settings.metrics_listen)
        platform.accompany(exporter.start, exporter.stop)


def accompany(platform: Platform) -> None:
    """Register what starts and stops with a serving process."""
    if platform.settings.is_embedded:
        # The first to start is the last to stop: what the others are finishing may still need PostgreSQL.
        watchdog = ServerWatchdog(platform.revive_server)
        platform.accompany(watchdog.start, watchdog.stop)
    if platform.settings.demo:
        writer.accompany(platform)
    expose(platform)
    writer_of_usage = UsageWriter(platform.tenants.usage)
    platform.accompany(writer_of_usage.start, writer_of_usage.stop)
    if platform.settings.worker_inside:
        worker = Worker(platform)
        platform.accompany(worker.start, worker.stop)
