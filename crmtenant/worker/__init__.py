"""Background work: watching PostgreSQL, spares, reconciliation, backups, mails, cleanup.

`Worker` runs all of it, in a process of its own (`crmtenant worker`) or inside a serving process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.pool import notify
from crmtenant.demo import writer
from crmtenant.services.fleet.server_space import SpaceWatch
from crmtenant.services.jobs.catalog_backup import CatalogBackup
from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from crmtenant.services.jobs.essentials_copies import EssentialsCopies
from crmtenant.services.jobs.measuring import Measuring
from crmtenant.services.jobs.nightly_backup import NightlyBackup
from crmtenant.services.jobs.notification_mail import NotificationMail
from crmtenant.services.jobs.reminders import Reminders
from crmtenant.services.jobs.retention import Retention
from crmtenant.services.members import invitations
from crmtenant.worker import smtp
from crmtenant.worker.fleet_page.listener import FleetListener
from crmtenant.worker.listener import NotifyListener
from crmtenant.worker.mail_caller import MailCaller
from crmtenant.worker.maintenance import Maintenance
from crmtenant.worker.metrics_exporter import MetricsExporter
from crmtenant.worker.one_by_one import OneByOne
from crmtenant.worker.periodic import Job, PeriodicTask
from crmtenant.worker.server_watchdog import ServerWatchdog
from crmtenant.worker.usage_writer import UsageWriter

if TYPE_CHECKING:
    from crmtenant.platform import Platform
    from crmtenant.services.entities.registry import EntityRegistry

BACKUP_INTERVAL_SECONDS = 60
CATALOG_BACKUP_INTERVAL_SECONDS = 30
ESSENTIALS_INTERVAL_SECONDS = 15
RELEASE_INTERVAL_SECONDS = 3
STOP_SECONDS = 10
MAIL_INTERVAL_SECONDS = 30
REMINDER_INTERVAL_SECONDS = 60
COMPANY_JOBS_INTERVAL_SECONDS = 30
MEASURING_INTERVAL_SECONDS = 300
RETENTION_INTERVAL_SECONDS = 900


class Worker:
    """All background work, and what serving processes ask for by NOTIFY."""

    def __init__(self, platform: Platform, entities: EntityRegistry) -> None:
        operations, settings = platform.operations, platform.settings
        self._registrar = operations.registrar
        self._interrupts = operations.servers.interrupts
        self._wake = threading.Event()
        self._registration = OneByOne("registration", self._registrar.finish)
        delivery = smtp.delivery_of(platform)
        resets, addresses = platform.identity.reset_mailer, platform.identity.email_change_mailer
        sweeps = [delivery.sweep, resets.sweep, addresses.sweep] if delivery else []
        self._parts: list[Maintenance | PeriodicTask | NotifyListener | OneByOne] = [
            maintenance_of(platform, self._wake, sweeps),
            PeriodicTask(
                "essentials",
                [EssentialsCopies(platform.databases.catalog, operations.servers).write_changed],
                interval_seconds=ESSENTIALS_INTERVAL_SECONDS,
            ),
            PeriodicTask(
                "measuring",
                [measuring_of(platform).measure_due],
                interval_seconds=MEASURING_INTERVAL_SECONDS,
            ),
            PeriodicTask(
                "retention",
                [retention_of(platform, entities).forget_due],
                interval_seconds=RETENTION_INTERVAL_SECONDS,
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
            of_catalog = CatalogBackup(
                platform.databases.catalog,
                operations.servers,
                operations.backups,
                timedelta(minutes=settings.catalog_backup_minutes),
            )
            self._parts.append(
                PeriodicTask(
                    "catalog_backup", [of_catalog.save_due], interval_seconds=CATALOG_BACKUP_INTERVAL_SECONDS
                )
            )
        self._company_jobs = CompanyJobRunner(platform.databases.catalog, operations.apart, entities)
        company_jobs = PeriodicTask(
            "company_jobs",
            [self._company_jobs.run_waiting],
            interval_seconds=COMPANY_JOBS_INTERVAL_SECONDS,
        )
        self._parts.append(company_jobs)
        handlers: dict[str, Callable[[str], object]] = {
            notify.SPARES: lambda _: self._wake.set(),
            notify.COMPANY_CREATED: self._finish_registration,
            notify.COMPANY_JOB: lambda _: company_jobs.wake(),
        }
        if delivery is not None:
            mail_task = PeriodicTask(
                "mail",
                [resets.answer, addresses.answer, delivery.send_due],
                interval_seconds=MAIL_INTERVAL_SECONDS,
            )
            sent_by = (platform.databases.catalog, platform.databases.addresses, platform.mail, entities)
            reminders, notification_mail = Reminders(*sent_by), NotificationMail(*sent_by)
            reminder_task = PeriodicTask(
                "reminders", [reminders.remind], interval_seconds=REMINDER_INTERVAL_SECONDS
            )
            notification_task = PeriodicTask(
                "notification_mail", [notification_mail.send_due], interval_seconds=MAIL_INTERVAL_SECONDS
            )
            self._parts += [mail_task, reminder_task, notification_task]
            handlers[notify.TOLD] = notification_mail.call
            handlers[notify.MAIL] = lambda _: mail_task.wake()
        self._parts += [NotifyListener(platform.databases.catalog.address, handlers), self._registration]

    def start(self) -> None:
        """Start every part in a thread of its own."""
        for part in self._parts:
            part.start()

    def stop(self) -> None:
        """Stop every thread, once it has finished what it is doing; what takes longer is broken off or left to the next."""
        self._interrupts.set()
        self._company_jobs.stop()
        for part in self._parts:
            part.stop(timeout_seconds=0)
        deadline = time.monotonic() + STOP_SECONDS
        for part in reversed(self._parts):
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
            space_watch_of(platform).measure,
            *sweeps,
        ],
        interval_seconds=platform.settings.upkeep_interval_seconds,
        wake=wake,
    )


def space_watch_of(platform: Platform) -> SpaceWatch:
    """Return what measures the servers."""
    storage = platform.storage
    return SpaceWatch(
        platform.databases.catalog, platform.operations.servers, storage.free_bytes, storage.least_bytes
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


def retention_of(platform: Platform, entities: EntityRegistry) -> Retention:
    """Return what forgets what is old in companies."""
    return Retention(
        platform.databases.catalog,
        platform.operations.servers,
        platform.databases.addresses,
        entities,
        trash_days=platform.settings.trash_days,
        history_days=platform.settings.history_days,
    )


def expose(platform: Platform) -> None:
    """Export metrics to Prometheus as long as the process serves, if `metrics_listen` is set."""
    if platform.settings.metrics_listen is not None:
        exporter = MetricsExporter(platform, platform.settings.metrics_listen)
        platform.accompany(exporter.start, exporter.stop)


def show_fleet(platform: Platform) -> None:
    """Serve the fleet's page as long as the process runs, if `fleet_listen` is set."""
    if platform.settings.fleet_listen is not None:
        listener = FleetListener(platform, platform.settings.fleet_listen)
        platform.accompany(listener.start, listener.stop)


def accompany(platform: Platform, entities: EntityRegistry) -> None:
    """Register what starts and stops with a serving process of these nouns."""
    if platform.settings.is_embedded:
        # The first to start is the last to stop: what the others are finishing may still need PostgreSQL.
        watchdog = ServerWatchdog(platform.revive_server)
        platform.accompany(watchdog.start, watchdog.stop)
    if platform.settings.demo:
        writer.accompany(platform)
    expose(platform)
    writer_of_usage = UsageWriter(platform.tenants.usage)
    platform.accompany(writer_of_usage.start, writer_of_usage.stop, each_process=True)
    calls = MailCaller(platform.mail_calls)
    platform.accompany(calls.start, calls.stop, each_process=True)
    if platform.settings.worker_inside:
        worker = Worker(platform, entities)
        platform.accompany(worker.start, worker.stop)
        show_fleet(platform)
