"""How the tables of seats came to be, step by step."""
