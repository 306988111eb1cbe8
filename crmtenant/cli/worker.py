"""What runs without a request, as a process of its own."""

from __future__ import annotations

import logging
import signal
import threading

import click

from crmtenant.cli.root import Context, pass_installation
from crmtenant.worker import Worker, expose


@click.command(
    epilog="""\b
    Examples:
      crmtenant --config production.ini worker
    """
)
@pass_installation
def worker(installation: Context) -> None:
    """Run what needs no request: spares, reconciling, nightly backups and their proof, purges, mails.

    It needs the rights of database_url's user, which the serving processes do not. SIGTERM ends it when what
    it is at is done. Several may run: they take turns.
    """
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    with installation.platform(log_level=logging.INFO) as platform:
        running = Worker(platform)
        expose(platform)
        platform.accompany(running.start, running.stop)
        platform.start_serving()
        click.echo("The worker is at work.", err=True)
        is_over.wait()
