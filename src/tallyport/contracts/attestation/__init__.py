"""Attestation (存证): salted commitments of documents and facts, by whoever answers for them."""

from __future__ import annotations

from tallyport.contracts.attestation import attest
from tallyport.contracts.attestation.model import Attestation, Latest
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="attestation",
    commands={attest.Attest: attest.decide},
    events={attest.AttestationMade: attest.evolve},
    rows=(Attestation, Latest),
)
