"""Judge who can be trusted with how much: indicators, scorecard, rating, limits, white list."""
