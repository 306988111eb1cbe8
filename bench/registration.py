"""Registering a company, without the password's hash, against the bare copying of its database."""

from __future__ import annotations

from bench.figures import Figure, at_most
from bench.ground import Ground, ground
from bench.run import Run, median_ratio, ms, seconds
from crmtenant.db.admin import statements
from crmtenant.db.admin.connection import administering
from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id


def measure(run: Run) -> list[Figure]:
    """Measure with and without a spare database. Nothing is dropped in between: that would slow what follows."""
    rounds = 4 if run.is_quick else 20
    raw, with_spare, without = [], [], []
    with ground() as home:
        names = home.platform.operations.servers.names
        spares = home.platform.operations.spares(1)
        home.company()
        with administering(home.platform._server.address.admin()) as admin:

            def copy() -> None:
                statements.copy_template(admin, names.template(head("tenant")), new_id("t"), names.owner)

            for number in run.watched(range(rounds), "registration", rounds):
                # In turns, because the second of two copies in a row waits for the disk to take the first.
                copies = [lambda: raw.append(seconds(copy)), lambda: without.append(_registering(home))]
                for action in copies if number % 2 else reversed(copies):
                    action()
                spares.top_up()
                with_spare.append(_registering(home))
    seen = f"raw {ms(raw)}"
    return [
        Figure("registration", "with a spare, of raw CREATE DATABASE", median_ratio(with_spare, raw), "x",
               f"{ms(with_spare)}, {seen}", at_most(0.2)),
        Figure("registration", "without a spare, of raw CREATE DATABASE", median_ratio(without, raw), "x",
               f"{ms(without)}, {seen}", at_most(1.4)),
    ]  # fmt: skip


def _registering(home: Ground) -> float:
    request = home.new_company()
    return seconds(lambda: home.platform.tenants.registrar.register(request))
