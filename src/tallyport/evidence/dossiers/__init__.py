"""File the evidence of each vehicle in one dossier (档案) that can be attested and rated."""

from tallyport.evidence.dossiers.build import build
from tallyport.evidence.dossiers.document import document, fingerprint
from tallyport.evidence.dossiers.model import Dossier, Status
from tallyport.evidence.dossiers.parsing import from_document
from tallyport.evidence.dossiers.summary import Summary, summarise

__all__ = [
    "Dossier",
    "Status",
    "Summary",
    "build",
    "document",
    "fingerprint",
    "from_document",
    "summarise",
]
