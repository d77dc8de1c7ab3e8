"""How good the sources are (数据质量): what is filled, what is read, what contradicts itself."""

from tallyport.evidence.quality.model import LEVELS, Level, QualityReport
from tallyport.evidence.quality.question import report

__all__ = ["LEVELS", "Level", "QualityReport", "report"]
