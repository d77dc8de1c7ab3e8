"""Merkle proofs of other programs (默克尔证明): `ledger.merkle` and `ledger.subtree` judge them."""

from __future__ import annotations

import base64

from tallyport.app.cases.suite import BeyondError, Case, differs
from tallyport.ledger.merkle import is_consistent, is_included
from tallyport.ledger.subtree import is_consistent_below, is_included_below


def judge(case: Case) -> str | None:
    """Return what is wrong with our verdict on a proof."""
    given = case.input
    proof = [base64.b64decode(part) for part in given["proof"] or ()]

    def hash_of(name: str) -> bytes:
        return base64.b64decode(given[name] or "")

    match given["kind"]:
        case "inclusion":
            valid = is_included(
                hash_of("leafHash"), given["leafIdx"], given["treeSize"], proof, hash_of("root")
            )
        case "consistency":
            valid = is_consistent(
                given["size1"], given["size2"], proof, hash_of("root1"), hash_of("root2")
            )
        case "subtreeinclusion":
            span = (given["start"], given["end"])
            valid = is_included_below(
                hash_of("leafHash"), given["leafIdx"], span, proof, hash_of("root")
            )
        case "subtreeconsistency":
            span = (given["start"], given["end"])
            valid = is_consistent_below(
                span, given["size"], proof, hash_of("root1"), hash_of("root2")
            )
        case kind:
            raise BeyondError(f"no proof is called {kind!r} here")
    return differs("valid", came=valid, expected=case.expected["valid"])
