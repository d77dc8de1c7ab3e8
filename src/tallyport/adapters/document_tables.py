"""Tables of the documents beside the ledger (链下文档表), as `documents` reads and writes them."""

from __future__ import annotations

TABLES = (
    """CREATE TABLE IF NOT EXISTS subject (
        name TEXT PRIMARY KEY,
        locked_key BLOB  -- NULL: destroyed
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS document (
        subject TEXT NOT NULL REFERENCES subject (name),
        version INTEGER NOT NULL,
        commitment TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (subject, version)
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS document_by_commitment ON document (commitment)",
    """CREATE TABLE IF NOT EXISTS later_key (  -- Instead of the subject's, from a version on.
        subject TEXT NOT NULL REFERENCES subject (name),
        first_version INTEGER NOT NULL,
        locked_key BLOB NOT NULL,
        PRIMARY KEY (subject, first_version)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS reader (
        subject TEXT NOT NULL REFERENCES subject (name),
        member TEXT NOT NULL,
        PRIMARY KEY (subject, member)
    ) STRICT, WITHOUT ROWID""",
)
