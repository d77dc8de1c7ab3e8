"""Names of things. A distinct type for each, so that the checker refuses to mix them.

Every id that a command carries is 1 to 128 characters of letters, digits and ``. _ : / @ # + -``
(checked when the command is decoded), so that it can stand in a key, a path and a table cell.
"""

from __future__ import annotations

from typing import NewType

ID_LENGTH_MAX = 128  # With the name of its table an id still fits a key of 511 bytes.
ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:/@#+\-]*"

AttestationId = NewType("AttestationId", str)
BankReferenceId = NewType("BankReferenceId", str)
CertificateId = NewType("CertificateId", str)
EscrowId = NewType("EscrowId", str)
FinancingId = NewType("FinancingId", str)
GuaranteeId = NewType("GuaranteeId", str)
HoldId = NewType("HoldId", str)
KeyId = NewType("KeyId", str)  # algorithm:hex, see kernel.keys
LimitId = NewType("LimitId", str)
MemberId = NewType("MemberId", str)
OccupationId = NewType("OccupationId", str)
PledgeId = NewType("PledgeId", str)
PostingId = NewType("PostingId", str)
ProposalId = NewType("ProposalId", str)
