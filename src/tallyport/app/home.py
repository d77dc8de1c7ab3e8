"""Where a node keeps its things (节点目录): one folder, known parts.

ledger/       entries, tree, rows             the truth; back it up
keys/         private keys, encrypted         back it up apart from the rest
documents/    dossiers, encrypted             back it up with the ledger
views.sqlite  what pages read                 can be deleted
witness/      what it saw of other logs     back it up; never restore an older one
anchors/      what anchors confirmed        can be made again from them
evidence/     last reading, matching, ratings can be made again from the exports, but for what
              people decided (worklist.sqlite) and handed in (papers.sqlite): a backup has these
report/       what the demo wrote
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder and its parts."""

    folder: Path

    @property
    def ledger(self) -> Path:
        """Folder of the ledger."""
        return self.folder / "ledger"

    @property
    def keys(self) -> Path:
        """Folder of the key store."""
        return self.folder / "keys"

    @property
    def passphrase(self) -> Path:
        """File of the passphrase that was made when nobody chose one."""
        return self.folder / "passphrase"

    @property
    def documents(self) -> Path:
        """Folder of the encrypted documents."""
        return self.folder / "documents"

    @property
    def views(self) -> Path:
        """File of the read models."""
        return self.folder / "views.sqlite"

    @property
    def witness(self) -> Path:
        """Folder of the witness of other logs, if the node is one."""
        return self.folder / "witness"

    @property
    def anchors(self) -> Path:
        """Folder of what anchors have confirmed."""
        return self.folder / "anchors"

    @property
    def evidence(self) -> Path:
        """Folder of what the evidence pipeline found."""
        return self.folder / "evidence"

    @property
    def report(self) -> Path:
        """Folder of reports and receipts."""
        return self.folder / "report"
