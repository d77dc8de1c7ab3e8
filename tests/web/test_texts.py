"""Every text of the portal exists in three languages, and everything that can be said has one.

Goal: no visitor meets a key, a hole or another language. Method: the catalogue is compared with the
templates, the enums of the contracts and whatever a contract may refuse, all found by walking.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import string
from enum import StrEnum
from pathlib import Path

import pytest

from tallyport import contracts
from tallyport.contracts.attestation.model import Kind as Attested
from tallyport.contracts.books.model import Kind as Account
from tallyport.contracts.escrow.model import Stage as EscrowStage
from tallyport.contracts.financing.model import Kind as FinancingKind
from tallyport.contracts.financing.model import Stage as FinancingStage
from tallyport.contracts.limit.model import Stage as LimitStage
from tallyport.contracts.members.model import Role
from tallyport.contracts.members.model import Stage as ProposalStage
from tallyport.contracts.pledge.model import Purpose
from tallyport.contracts.pledge.model import Stage as PledgeStage
from tallyport.contracts.receivable.model import Stage
from tallyport.evidence.quality.question import CHECKS
from tallyport.evidence.sources.vocabulary import KINDS
from tallyport.ledger.machine import Refusal, Rejection
from tallyport.web import texts

WEB = Path(texts.__file__).parent
TEXTS = texts.catalogue()
GROUPS: dict[str, type[StrEnum]] = {
    "stage": Stage,
    "role": Role,
    "attested": Attested,
    "account": Account,
    "escrow_stage": EscrowStage,
    "financing_kind": FinancingKind,
    "financing_stage": FinancingStage,
    "limit_stage": LimitStage,
    "pledge_stage": PledgeStage,
    "proposal_stage": ProposalStage,
    "occupied_for": Purpose,
}


def refusals() -> set[str]:
    """Return every reason that a contract may give."""
    found = set[str]()
    for module in pkgutil.walk_packages(contracts.__path__, "tallyport.contracts."):
        enum = vars(importlib.import_module(module.name)).get("Refusal", ())
        found |= {reason.value for reason in enum}
    return found


def places(text: str) -> set[str]:
    """Return the names that a text leaves to be filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_text_is_there_in_every_language() -> None:
    """Three texts, none empty, with the same places to fill in."""
    assert not [key for key, words in TEXTS.items() if set(words) != set(texts.LANGUAGES)]
    assert not [key for key, words in TEXTS.items() if not all(map(str.strip, words.values()))]
    assert not [
        key
        for key, words in TEXTS.items()
        if len(set(map(frozenset, map(places, words.values())))) > 1
    ]


def test_every_refusal_has_a_text() -> None:
    """Whatever a contract or the ledger may answer, a visitor reads in a language of its own."""
    wanted = refusals() | {reason.value for reason in (*Rejection, *Refusal)}
    assert len(wanted) > 100
    assert not sorted(reason for reason in wanted if f"refusal.{reason}" not in TEXTS)
    assert not sorted(key for key in TEXTS if key.startswith("refusal.") and key[8:] not in wanted)


@pytest.mark.parametrize("group", GROUPS)
def test_every_choice_has_a_word(group: str) -> None:
    """What a row can say has a word."""
    assert not [one.value for one in GROUPS[group] if f"{group}.{one.value}" not in TEXTS]


def test_every_kind_of_record_has_a_word() -> None:
    """Dossiers name the kinds of records that sources send."""
    assert not [kind for kind in KINDS if f"record.{kind}" not in TEXTS]


def test_every_purpose_of_a_posting_has_a_word() -> None:
    """The journal says what a line was for."""
    sources = [path.read_text("utf-8") for path in Path(contracts.__path__[0]).rglob("*.py")]
    purposes = {word for source in sources for word in re.findall(r'purpose="(\w+)"', source)}
    assert purposes
    assert not [one for one in purposes if f"purpose.{one}" not in TEXTS]


def test_templates_ask_only_for_texts_that_exist() -> None:
    """No key is misspelled in a template or in the code."""
    asked = set[str]()
    for path in WEB.rglob("*.html"):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\{% t "([a-z_]+\.[a-z_]+)"', text))
        asked |= set(re.findall(r'with key="([a-z_]+\.[a-z_]+)"', text))
    for path in WEB.rglob("*.py"):
        asked |= set(re.findall(r'say\("([a-z_]+\.[a-z_]+)"', path.read_text("utf-8")))
    assert len(asked) > 100
    assert not sorted(key for key in asked if key not in TEXTS)


@pytest.mark.parametrize("rule", [check.rule for check in CHECKS])
def test_every_rule_of_quality_has_a_word(rule: str) -> None:
    """What contradicts itself is said in the reader's language."""
    assert f"finding.{rule}" in TEXTS


def test_a_value_without_a_word_keeps_its_own() -> None:
    """A source may send kinds that nobody has named yet."""
    assert texts.word("record", "toll_ticket", "zh") == "toll ticket"
    assert texts.say("no.such", "ru") == "no.such"


def test_a_refusal_is_said_with_or_without_its_contract() -> None:
    """The ledger writes contract.reason."""
    said = texts.refusal("receivable.parts_must_sum_to_face", "zh")
    assert said == texts.refusal("parts_must_sum_to_face", "zh") == "各份金额合计必须等于票面。"
