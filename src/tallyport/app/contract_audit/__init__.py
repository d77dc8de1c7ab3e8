"""Reads the pure packages as an auditor of contracts would (合约审计), one rule a function."""
