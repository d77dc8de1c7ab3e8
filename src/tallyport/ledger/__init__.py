"""The log (账本): entries in one order, a Merkle tree over them, proofs; it knows no contract."""
