"""The embedded engine (嵌入式引擎): the ledger in one process, on LMDB, with group commit."""
