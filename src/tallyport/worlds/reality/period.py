"""The year that a world covers: trade of 2024, exported on its last day (as-of day · 截止日)."""

from datetime import date

FIRST_DAY = date(2024, 1, 1)
AS_OF = date(2024, 12, 31)
