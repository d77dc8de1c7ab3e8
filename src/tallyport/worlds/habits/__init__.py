"""How people type what happened (录入习惯): the distance between a fact and its record."""
