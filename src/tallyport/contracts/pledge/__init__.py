"""The pledge register (质押登记): what is pledged, to whom; nothing is pledged twice."""

from __future__ import annotations

from tallyport.contracts.pledge import register, release
from tallyport.contracts.pledge.model import Pledge, PledgedAsset
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="pledge",
    commands={
        register.Register: register.decide,
        release.Release: release.decide,
    },
    events={
        register.PledgeRegistered: register.evolve,
        release.PledgeReleased: release.evolve,
    },
    rows=(PledgedAsset, Pledge),
)
