"""Findings (疑点): what is late, missing, double, contradictory or suspicious, with its records.

Each finding has `type`, `record_ids` (joined by ";"), `probability` and `explanation`. One module a
family of kinds; each kind is a function from the trade to rows.
"""

from tallyport.evidence.linkage.findings.all_kinds import findings

__all__ = ["findings"]
