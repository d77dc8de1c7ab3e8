"""Members of the consortium (联盟成员): admission, keys, roles, consent; who may sign."""

from __future__ import annotations

from tallyport.contracts.law import Setting
from tallyport.contracts.members import (
    consent,
    cosigning,
    encryption,
    found,
    propose,
    rotate,
    validators,
)
from tallyport.contracts.members.model import Consortium, Key, Member
from tallyport.kernel.contract import Contract

CONTRACT = Contract(
    name="members",
    commands={
        found.Found: found.decide,
        propose.Propose: propose.decide,
        consent.Consent: consent.decide,
        rotate.AddKey: rotate.decide_add,
        rotate.RetireKey: rotate.decide_retire,
        encryption.PublishEncryptionKey: encryption.decide,
    },
    events={
        found.ConsortiumFounded: found.evolve,
        propose.ChangeProposed: propose.evolve,
        propose.ProposalLapsed: propose.evolve_lapse,
        consent.ConsentGiven: consent.evolve,
        consent.ChangeEnacted: consent.evolve_enacted,
        rotate.KeyAdded: rotate.evolve_added,
        rotate.KeyRetired: rotate.evolve_retired,
        encryption.EncryptionKeyPublished: encryption.evolve,
        validators.ValidatorMisbehaved: validators.evolve_misbehaved,
    },
    rows=(
        Consortium,
        Member,
        Key,
        encryption.EncryptionKey,
        propose.Proposal,
        Setting,
        validators.Validator,
        validators.Misbehaviour,
        cosigning.Cosigning,
    ),
    timers={propose.LAPSE: propose.lapse, validators.MISBEHAVED: validators.report},
    reports=frozenset({validators.MISBEHAVED}),
)
