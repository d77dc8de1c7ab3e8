"""Linkage (匹配): which vehicle, declaration, waybill, invoice and payment belong together."""

from tallyport.evidence.linkage.match import match
from tallyport.evidence.linkage.model import Matching
from tallyport.evidence.linkage.result import write_result

__all__ = ["Matching", "match", "write_result"]
