"""The document of a dossier (档案文件): the canonical JSON that is attested on the ledger.

RFC 8785, so that equal dossiers are equal bytes on every machine. Amounts are decimal strings with
two places, probabilities strings with four, VQI a string with two; nothing in it is a float.

    {"criteria":[...],"evidence":[...],"format":"tallyport/dossier/1","probability":"0.9876", ...}

The document names the place of every record, and places move when a file is exported anew. Its
`fingerprint` leaves out places and probabilities: it changes when the evidence changes, only then.
"""

from __future__ import annotations

from tallyport.evidence.dossiers.criteria import share, spelled
from tallyport.evidence.dossiers.model import Dossier, Evidence, Finding, Party, Payment
from tallyport.evidence.dossiers.vqi import Vqi
from tallyport.kernel.canonical import Json, digest, encode
from tallyport.kernel.money import Money

FORMAT = "tallyport/dossier/1"


def document(dossier: Dossier) -> bytes:
    """Return the canonical bytes of `dossier`; `parsing.from_document` takes them back."""
    return encode(
        {
            "format": FORMAT,
            "vin": dossier.vin,
            "status": dossier.status.value,
            "probability": share(dossier.probability_bp),
            "price": _amount(dossier.price),
            "paid": _amount(dossier.paid),
            "vqi": _vqi(dossier.vqi),
            "criteria": [
                {"name": one.name, "state": one.state.value, "detail": one.detail}
                for one in dossier.criteria
            ],
            "evidence": [_evidence(one) for one in dossier.evidence],
            "payments": [_payment(one) for one in dossier.payments],
            "parties": [_party(one) for one in dossier.parties],
            "findings": [_finding(one) for one in dossier.findings],
        }
    )


def fingerprint(dossier: Dossier) -> str:
    """Return a digest of what the evidence says: records, money, findings."""
    said: Json = {
        "vin": dossier.vin,
        "records": [
            [one.record.kind, one.record.key, dict(one.record.fields)] for one in dossier.evidence
        ],
        "payments": [
            [one.payment_id, one.contract_no, one.item, one.shipment, _amount(one.amount)]
            for one in dossier.payments
        ],
        "findings": [[one.type, list(one.record_ids)] for one in dossier.findings],
    }
    return digest(encode(said))


def _amount(amount: Money | None) -> Json:
    if amount is None:
        return None
    return {"amount": spelled(amount.minor), "currency": amount.currency}


def _vqi(found: Vqi | None) -> Json:
    if found is None:
        return None
    return {
        "mean": spelled(found.mean),
        "spread": None if found.spread is None else spelled(found.spread),
        "margin": None if found.margin is None else spelled(found.margin),
        "reports": found.reports,
    }


def _evidence(one: Evidence) -> Json:
    record = one.record
    return {
        "kind": record.kind,
        "key": record.key,
        "fields": dict(record.fields),
        "source": record.origin.source,
        "file": record.origin.file,
        "line": record.origin.line,
        "probability": share(one.probability_bp),
        "reasons": list(one.reasons),
    }


def _payment(one: Payment) -> Json:
    return {
        "payment": one.payment_id,
        "contract": one.contract_no,
        "item": one.item,
        "shipment": one.shipment,
        "amount": spelled(one.amount.minor),
        "currency": one.amount.currency,
        "probability": share(one.probability_bp),
        "reason": one.reason,
    }


def _party(one: Party) -> Json:
    return {
        "mention": one.mention,
        "name": one.name,
        "cluster": one.cluster,
        "probability": share(one.probability_bp),
    }


def _finding(one: Finding) -> Json:
    return {
        "type": one.type,
        "records": list(one.record_ids),
        "probability": share(one.probability_bp),
        "explanation": one.explanation,
    }
