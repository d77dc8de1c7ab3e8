"""The indicators (指标) that a scorecard can weigh: exact, named functions of the history."""

from tallyport.credit.indicators.model import Indicator, Past
from tallyport.credit.indicators.table import INDICATORS

__all__ = ["INDICATORS", "Indicator", "Past"]
