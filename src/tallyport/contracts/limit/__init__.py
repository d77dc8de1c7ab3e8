"""Credit limits (额度): how much a funder lets a subject owe, as a tree, and never more."""

from __future__ import annotations

from tallyport.contracts.limit import (
    clear,
    effect,
    expire,
    freeze,
    grant,
    occupy,
    release,
    restore,
)
from tallyport.contracts.limit.model import Limit, Occupation
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="limit",
    commands={
        grant.Grant: grant.decide,
        effect.Effect: effect.decide,
        occupy.Occupy: occupy.decide,
        release.Release: release.decide,
        freeze.Freeze: freeze.decide,
        restore.Restore: restore.decide,
        clear.Clear: clear.decide,
    },
    events={
        grant.LimitGranted: grant.evolve,
        effect.LimitEffected: effect.evolve,
        occupy.LimitOccupied: occupy.evolve,
        release.LimitReleased: release.evolve,
        freeze.LimitFrozen: freeze.evolve,
        restore.LimitRestored: restore.evolve,
        clear.LimitCleared: clear.evolve,
        expire.LimitExpired: expire.evolve,
    },
    rows=(Limit, Occupation),
    timers={expire.EXPIRE: expire.expire},
)
