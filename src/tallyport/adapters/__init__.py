"""The world (外部世界): stores, keys, clocks, documents behind the ports the core declares."""
