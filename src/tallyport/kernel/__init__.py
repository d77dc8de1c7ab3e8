"""Words that everybody shares: money, ids, days, canonical bytes, the shape of a contract."""
