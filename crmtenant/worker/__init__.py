"""What runs without a request: keeping spares, reconciling, sweeping up.

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
        ],
        interval_seconds=platform.settings.upkeep_interval_seconds,
        wake=platform.spare_was_claimed,
    )


def accompany(platform: Platform) -> None:
    """Nothing comes back; upkeep will begin and end with the serving."""
    upkeep = upkeep_of(platform)
    if platform.settings.demo:
        demo.accompany(platform)
    platform.accompany(upkeep.start, upkeep.stop)
