"""Simulated trade worlds (模拟贸易世界) for the demo and for tests: nine systems with habits.

reality    what really happened, in clean records
habits     how people type it
exports    what each system writes down: one module a system
truth      what really belongs together, for measuring
"""

from tallyport.worlds.make import World, make

__all__ = ["World", "make"]
