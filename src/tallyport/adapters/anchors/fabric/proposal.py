"""What is signed on the way into Fabric (交易提案), and what comes back of it.

    1  proposal       we sign what we want done; peers run it and sign what it would change
    2  transaction    our own proposal again, with their signatures; we sign it whole
    3  question       whether it was applied; signed too

Between 1 and 2 a peer puts the transaction together. `check` holds it against the proposal, so that
nobody gets our signature under something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tallyport.adapters.anchors.fabric import schema
from tallyport.adapters.anchors.fabric.identity import Identity
from tallyport.adapters.consortium.wire import Message, WireError, decode, encode

NONCE_BYTES = 24


@dataclass(frozen=True, slots=True)
class Place:
    """A chaincode on a channel."""

    channel: str
    chaincode: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One call of a chaincode, not signed yet."""

    id: str  # Of the transaction: SHA-256 over nonce and creator, hex.
    channel: str
    header: bytes
    payload: bytes

    @classmethod
    def make(
        cls,
        place: Place,
        words: Sequence[bytes],
        identity: Identity,
        *,
        nonce: bytes,
        at: datetime,
    ) -> Proposal:
        """Ask for the function `words[0]` with the rest as its arguments."""
        creator = identity.serialized
        chaincode: Message = {"name": place.chaincode}
        made = sha256(nonce + creator).hexdigest()
        channel_header: Message = {
            "type": schema.ENDORSER_TRANSACTION,
            "timestamp": {"seconds": int(at.timestamp()), "nanos": at.microsecond * 1_000},
            "channel_id": place.channel,
            "tx_id": made,
            "extension": encode(schema.CHAINCODE_HEADER_EXTENSION, {"chaincode_id": chaincode}),
        }
        header: Message = {
            "channel_header": encode(schema.CHANNEL_HEADER, channel_header),
            "signature_header": encode(
                schema.SIGNATURE_HEADER, {"creator": creator, "nonce": nonce}
            ),
        }
        spec: Message = {"chaincode_id": chaincode, "input": {"args": list(words)}}
        call = encode(schema.CHAINCODE_INVOCATION_SPEC, {"chaincode_spec": spec})
        return cls(
            made,
            place.channel,
            encode(schema.HEADER, header),
            encode(schema.CHAINCODE_PROPOSAL_PAYLOAD, {"input": call}),
        )

    def request(self, identity: Identity) -> Message:
        """Return it signed, as peers are asked to run it."""
        data = encode(schema.PROPOSAL, {"header": self.header, "payload": self.payload})
        return {
            "transaction_id": self.id,
            "channel_id": self.channel,
            "proposed_transaction": {"proposal_bytes": data, "signature": identity.sign(data)},
        }

    def check(self, transaction: bytes) -> None:
        """Hold a transaction that a peer made of this proposal against it.

        Raises:
            WireError: it is another one, or none.
        """
        payload = decode(schema.PAYLOAD, transaction)
        actions = decode(schema.TRANSACTION, payload["data"])["actions"]
        asked = [
            decode(schema.CHAINCODE_ACTION_PAYLOAD, action["payload"])["chaincode_proposal_payload"]
            for action in actions
        ]
        if payload["header"] != self.header or asked != [self.payload]:
            raise WireError(f"expected a transaction of the proposal {self.id}, got another one")

    def submission(self, identity: Identity, transaction: bytes) -> Message:
        """Return the transaction signed, as it is ordered."""
        return {
            "transaction_id": self.id,
            "channel_id": self.channel,
            "prepared_transaction": {
                "payload": transaction,
                "signature": identity.sign(transaction),
            },
        }

    def question(self, identity: Identity) -> Message:
        """Return the question what became of it, signed."""
        asked = {
            "transaction_id": self.id,
            "channel_id": self.channel,
            "identity": identity.serialized,
        }
        data = encode(schema.COMMIT_STATUS_REQUEST, asked)
        return {"request": data, "signature": identity.sign(data)}
