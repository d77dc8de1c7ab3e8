"""SQLite as a double-entry ledger: one posting a commit, and many; durable both times."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

_TABLES = """
CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);
CREATE TABLE posting (
    id TEXT PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount INTEGER NOT NULL
);
"""


def postings(folder: Path, count: int, batch: int) -> float:
    """Return postings a second, `batch` of them a commit."""
    database = sqlite3.connect(folder / f"ledger-{batch}.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_TABLES)
    database.executemany("INSERT INTO account VALUES (?, 0)", [(n,) for n in range(1_000)])
    begun = time.perf_counter()
    for start in range(0, count, batch):
        database.execute("BEGIN IMMEDIATE")
        for number in range(start, min(start + batch, count)):
            debit, credit, amount = number % 1_000, (number * 7 + 1) % 1_000, number % 97 + 1
            database.execute(
                "INSERT INTO posting VALUES (?, ?, ?, ?)",
                (f"posting-{number}", debit, credit, amount),
            )
            database.execute(
                "UPDATE account SET balance = balance + ? WHERE id = ?", (amount, debit)
            )
            database.execute(
                "UPDATE account SET balance = balance - ? WHERE id = ?", (amount, credit)
            )
        database.execute("COMMIT")
    seconds = time.perf_counter() - begun
    database.close()
    return count / seconds
