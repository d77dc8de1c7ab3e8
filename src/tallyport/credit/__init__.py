"""Judge who can be trusted with how much: indicators, scorecard, rating, limits, white list."""

from tallyport.credit.card import Card, Grade
from tallyport.credit.history import History, history_of
from tallyport.credit.limits import LimitProposal, propose_limits
from tallyport.credit.rating import Rating, rate
from tallyport.credit.white_list import Preferred, preferred

__all__ = [
    "Card",
    "Grade",
    "History",
    "LimitProposal",
    "Preferred",
    "Rating",
    "history_of",
    "preferred",
    "propose_limits",
    "rate",
]
