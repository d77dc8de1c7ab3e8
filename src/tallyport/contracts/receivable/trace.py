"""Trace a certificate (凭证溯源): pure questions about its line and its tree.

The last 28 of the example leads back to the issue:
RC-1/2/3/3/2 ◀─ RC-1/2/3/3 ◀─ RC-1/2/3 ◀─ RC-1/2 ◀─ RC-1.
"""

from __future__ import annotations

from tallyport.contracts.receivable.model import LIVE, Certificate, Stage, standing
from tallyport.kernel.contract import Book
from tallyport.kernel.ids import CertificateId


def line(book: Book, certificate: Certificate) -> tuple[Certificate, ...]:
    """Return `certificate` and what it was cut from, up to the one that was issued."""
    way = [certificate]
    while way[-1].parent is not None:  # audit: loop: parents are shorter ids
        way.append(standing(book, way[-1].parent, *Stage))
    return tuple(way)


def tree(book: Book, certificate_id: CertificateId) -> tuple[Certificate, ...]:
    """Return a certificate and all that was ever cut from it, each before its children."""
    top = book.get(Certificate, certificate_id)
    below = book.scan(Certificate, f"{certificate_id}/")
    return () if top is None else (top, *below)


def leaves(book: Book, certificate_id: CertificateId) -> tuple[Certificate, ...]:
    """Return what still lives of a certificate: itself, or parts of it."""
    return tuple(one for one in tree(book, certificate_id) if one.stage in LIVE)
