"""What certificates do to the books (凭证记账). A transfer pays a debt between two for its face.

                        debtor                first holder             next holder
    accepted     trade_payable      +F   certificates_held  +F
                 certificates_owed  -F   trade_receivable   -F
    transferred                          trade_payable      +F   certificates_held  +F
                                         certificates_held  -F   trade_receivable   -F
    settled      certificates_owed  +F                           cash               +F
                 cash               -F                           certificates_held  -F

Whoever passed a certificate on is in no later line: there is no way back to it (CN-SCF-11). The
sale to a funder is posted by the contract of financing (see `finance`).
"""

from __future__ import annotations

from collections.abc import Iterable

from tallyport.contracts.books.model import Kind
from tallyport.contracts.books.post import Posted, exchange
from tallyport.contracts.receivable.model import Certificate, Root, Stage
from tallyport.kernel.ids import MemberId
from tallyport.kernel.money import total


def accepted(certificate: Certificate) -> Posted:
    """Return the posting of a first acceptance: the promise takes the place of the invoice."""
    debtor, face = certificate.terms.debtor, certificate.face
    return Posted(
        purpose="certificate_accepted",
        about=certificate.id,
        currency=face.currency,
        lines=(
            *exchange(debtor, Kind.TRADE_PAYABLE, Kind.CERTIFICATES_OWED, face),
            *exchange(certificate.holder, Kind.CERTIFICATES_HELD, Kind.TRADE_RECEIVABLE, face),
        ),
    )


def transferred(certificate: Certificate, taker: MemberId) -> Posted:
    """Return the posting of a transfer: the holder's debt to `taker` is paid."""
    giver, face = certificate.holder, certificate.face
    return Posted(
        purpose="certificate_transferred",
        about=certificate.id,
        currency=face.currency,
        lines=(
            *exchange(giver, Kind.TRADE_PAYABLE, Kind.CERTIFICATES_HELD, face),
            *exchange(taker, Kind.CERTIFICATES_HELD, Kind.TRADE_RECEIVABLE, face),
        ),
    )


def held_as(certificate: Certificate) -> Kind:
    """Return the account in which the holder has the certificate."""
    claimed = certificate.stage is Stage.CLAIMED
    return Kind.GUARANTEE_CLAIMS if claimed else Kind.CERTIFICATES_HELD


def settled(root: Root, leaves: Iterable[Certificate]) -> Posted:
    """Return the posting by which the debtor pays `leaves` to their holders."""
    paid = tuple(leaves)
    sum_of_faces = total((leaf.face for leaf in paid), root.face.currency)
    received = (exchange(leaf.holder, Kind.CASH, held_as(leaf), leaf.face) for leaf in paid)
    return Posted(
        purpose="certificates_settled",
        about=root.id,
        currency=root.face.currency,
        lines=(
            *exchange(root.debtor, Kind.CERTIFICATES_OWED, Kind.CASH, sum_of_faces),
            *(line for pair in received for line in pair),
        ),
    )


def honoured(certificate: Certificate, guarantor: MemberId) -> Posted:
    """Return the posting by which `guarantor` pays the holder and gets the claim."""
    face = certificate.face
    return Posted(
        purpose="guarantee_honoured",
        about=certificate.id,
        currency=face.currency,
        lines=(
            *exchange(guarantor, Kind.GUARANTEE_CLAIMS, Kind.CASH, face),
            *exchange(certificate.holder, Kind.CASH, Kind.CERTIFICATES_HELD, face),
        ),
    )


def returned(certificate: Certificate) -> Posted:
    """Return the posting of a cancellation in the debtor's own hand: it owes itself nothing."""
    face = certificate.face
    return Posted(
        purpose="certificate_cancelled",
        about=certificate.id,
        currency=face.currency,
        lines=exchange(certificate.holder, Kind.CERTIFICATES_OWED, Kind.CERTIFICATES_HELD, face),
    )
