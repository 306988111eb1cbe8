"""The background worker, as a process of its own."""

from __future__ import annotations

import logging
import signal
import threading

import click

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.cli.root import Context, pass_installation
from crmtenant.worker import Worker, expose, show_fleet
from crmtenant.worker.deadline import end_after


@click.command(
    epilog="""\b
    Examples:
      crmtenant --config production.ini worker
    """
)
@pass_installation
def worker(installation: Context) -> None:
    """Run the background work: spares, reconciliation, nightly backups, mails, cleanup.

    The worker needs the rights of database_url's user, which the serving processes do not. On SIGTERM it ends
    within seconds; what takes longer is broken off and taken up by the next one. Several workers may run: they take turns.
    """
    is_stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_stopping.set())
    with installation.platform(log_level=logging.INFO) as platform:
        running = Worker(platform, entity_tree_of(ENTITIES).entities)
        expose(platform)
        show_fleet(platform)
        platform.accompany(running.start, running.stop)
        platform.start_serving()
        click.echo("The worker is running.", err=True)
        is_stopping.wait()
        end_after()
