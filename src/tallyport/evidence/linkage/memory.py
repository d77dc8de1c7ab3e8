"""Stories told before (已算结果): a cluster whose inputs did not change is not solved again.

A *cluster* is a set of agreements that payments may belong to, with these payments: what the cash
solver tells one story of. What is learnt on all tables (weights, usual charges) enters a story only
through costs in hundredths, so a new file that moves a weight a little touches no other cluster.

    key     SHA-256 of instalments, payments, costs, charges and of what was due on the day
    told    the story as it was told for that key

The same inputs give the same story, so remembering changes no result, only the time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from tallyport.evidence.linkage import telling
from tallyport.evidence.linkage.cash import Applied, Instalment, Payment, Settled
from tallyport.evidence.linkage.telling import Cluster

VERSION = 2  # Raise it whenever `cash.applied` tells another story of the same inputs.


@dataclass(slots=True)
class Memory:
    """Stories by key: those `known` before, those `used` this time, and how many were new."""

    known: Mapping[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)

    def stories(self, clusters: Sequence[Cluster]) -> list[Applied]:
        """Return what `telling.stories` returns for these."""
        keys = [_key(*cluster) for cluster in clusters]
        fresh: dict[str, Cluster] = {}
        for key, cluster in zip(keys, clusters, strict=True):
            kept = self.used.get(key) or self.known.get(key)
            if kept is None:
                fresh.setdefault(key, cluster)
            else:
                self.used[key] = kept
        for key, told in zip(fresh, telling.stories(list(fresh.values())), strict=True):
            self.used[key] = _written(told, fresh[key][0])
        self.fresh |= fresh.keys()
        return [
            _read(self.used[key], instalments)
            for key, (instalments, *_) in zip(keys, clusters, strict=True)
        ]


def _key(
    instalments: list[Instalment],
    payments: list[Payment],
    charges: dict[str, list[int]],
    today: int,
) -> str:
    place = {one.key: number for number, one in enumerate(instalments)}
    asked = [
        [
            one.contract_no,
            one.item,
            one.shipment,
            one.amount,
            one.due,
            one.due is not None and one.due < today,
        ]
        for one in instalments
    ]
    paid = [
        [
            one.entry_no,
            [[no, worth.gross, worth.how, repr(worth.cost)] for no, worth in one.worth.items()],
            one.day,
            one.together,
            sorted(one.items),
            one.shipments,
            sorted(place.get(key, -1) for key in one.named),
            charges.get(one.entry_no, []),
        ]
        for one in sorted(payments, key=lambda one: (one.day, one.entry_no))
    ]
    return sha256(json.dumps([VERSION, asked, paid]).encode()).hexdigest()


def _written(told: Applied, instalments: list[Instalment]) -> str:
    place = {one.key: number for number, one in enumerate(instalments)}
    rows = [
        [one.entry_no, place[one.key], one.place, one.amount, told.sure[one.entry_no, one.key]]
        for one in told.settled
    ]
    return json.dumps([rows, told.gross, told.cost])


def _read(kept: str, instalments: list[Instalment]) -> Applied:
    rows, gross, cost = json.loads(kept)
    return Applied(
        settled=tuple(
            Settled(entry_no=entry_no, key=instalments[at].key, place=place, amount=amount)
            for entry_no, at, place, amount, _ in rows
        ),
        gross=gross,
        sure={(entry_no, instalments[at].key): sure for entry_no, at, _, _, sure in rows},
        cost=cost,
    )
