"""What runs without a request: minding PostgreSQL, keeping spares, reconciling, sweeping up.

`accompany` hangs it onto a platform; it runs as long as the process serves.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from crmtenant.services import invitations
from crmtenant.services.reconciling import Reconciler
from crmtenant.services.spares import Spares
from crmtenant.worker import demo
from crmtenant.worker.upkeep import Upkeep
from crmtenant.worker.watch import Watch

if TYPE_CHECKING:
    from crmtenant.platform import Platform


def upkeep_of(platform: Platform) -> Upkeep:
    """The upkeep of this platform, not yet running."""
    spares = Spares(platform.catalog, platform.provisioner, platform.settings.spares)
    return Upkeep(
        Reconciler(platform.catalog, platform.provisioner, platform.registrar, spares),
        spares,
        [
            platform.registrar.forget_keys,
            platform.attempts.sweep,
            platform.sessions.sweep,
            partial(invitations.sweep, platform.catalog),
            platform.clearing.sweep,
        ],
        interval_seconds=platform.settings.upkeep_interval_seconds,
        wake=platform.spare_was_claimed,
    )


def accompany(platform: Platform) -> None:
    """Nothing comes back; watch and upkeep will begin and end with the serving."""
    if platform.settings.is_embedded:
        # First here is last to stop: what the others are finishing may still need PostgreSQL.
        watch = Watch(platform.revive_server)
        platform.accompany(watch.start, watch.stop)
    upkeep = upkeep_of(platform)
    if platform.settings.demo:
        demo.accompany(platform)
    platform.accompany(upkeep.start, upkeep.stop)
