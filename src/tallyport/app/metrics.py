"""Figures for whoever watches a node (运行指标), in the words of Prometheus.

    tallyport_commands_total{outcome="refused",reason="limit.limit_not_found"} 3
    tallyport_ledger_entries 1204

What is counted begins at the start of the process; what is measured is looked at when somebody
asks. Names are promises: docs/runbook.md says what each means and what to do about it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice, takewhile

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tallyport.app.anchoring import Anchoring
from tallyport.app.home import Home
from tallyport.app.network.plan import Plan
from tallyport.app.network.status import Condition, NodeStatus, look
from tallyport.app.node import Meter, Node
from tallyport.kernel.contract import Timer
from tallyport.kernel.guard import FaultError
from tallyport.ledger.entry import CommandEntry, Entry, Outcome

DUE_MAX = 10_000  # Timers that are counted: with more of them the alarm is the same.
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class Metrics(Meter, Collector):
    """All figures of one node."""

    def __init__(self, node: Node, home: Home, quarantined: Callable[[], int]) -> None:
        self._node, self._home, self._quarantined = node, home, quarantined
        self._registry = CollectorRegistry(auto_describe=False)
        self._commands = Counter(
            "tallyport_commands",
            "Commands by outcome (accepted, refused, rejected) and reason.",
            ("outcome", "reason"),
            registry=self._registry,
        )
        self._timers = Counter(
            "tallyport_timers_fired", "Timers that fired.", registry=self._registry
        )
        self._logins = Counter(
            "tallyport_login_failures",
            "Logins that failed, by why (wrong, throttled).",
            ("why",),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tallyport_commit_seconds",
            "Seconds from handing a command in to its durable answer.",
            buckets=SECONDS,
            registry=self._registry,
        )
        self._registry.register(self)
        self.anchoring: Anchoring | None = None  # None: nothing is anchored.
        node.meter = self

    # What the node tells.

    def folded(self, entries: Sequence[Entry]) -> None:
        """Count outcomes."""
        for entry in entries:
            if not isinstance(entry, CommandEntry):
                self._timers.inc(len(entry.fired))
                continue
            reason = "" if entry.outcome is Outcome.ACCEPTED else entry.reason or ""
            self._commands.labels(entry.outcome.value, reason).inc()

    def answered(self, seconds: float) -> None:
        """Take how long a command waited."""
        self._seconds.observe(seconds)

    def turned_away(self, reason: str) -> None:
        """Count an envelope that was not even judged."""
        self._commands.labels("rejected", reason).inc()

    def login_failed(self, why: str) -> None:
        """Count a login that failed."""
        self._logins.labels(why).inc()

    # What is asked for.

    def text(self) -> bytes:
        """Return all figures as they are now."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what is measured at this moment."""
        for name, (meaning, measure) in (self._gauges() | self._network()).items():
            try:
                value = measure()
            except (FaultError, OSError):
                continue  # A figure that cannot be had is absent; the alarm for that is absence.
            yield GaugeMetricFamily(name, meaning, value)

    def _gauges(self) -> dict[str, tuple[str, Callable[[], float]]]:
        node = self._node
        return {
            "tallyport_up": (
                "1 while the ledger takes commands, 0 after it has stopped.",
                lambda: int(node.engine.is_running),
            ),
            "tallyport_ledger_entries": (
                "Entries of the ledger, the height.",
                lambda: node.engine.size,
            ),
            "tallyport_queue_envelopes": (
                "Envelopes that wait to be judged.",
                lambda: node.engine.waiting,
            ),
            "tallyport_timers_due": (
                f"Timers whose moment has come and that have not fired; at most {DUE_MAX}.",
                self._due,
            ),
            "tallyport_view_lag_entries": (
                "Entries that the views are behind the ledger.",
                lambda: node.engine.size - node.views.position,
            ),
            "tallyport_reactor_lag_entries": (
                "Entries that the reactors have not followed yet.",
                lambda: node.engine.size - node.views.reacted,
            ),
            "tallyport_quarantine_rows": (
                "Rows of the last reading that were set aside.",
                self._quarantined,
            ),
            "tallyport_anchor_lag_entries": (
                "Entries that the anchor that is furthest behind lacks.",
                lambda: self.anchoring.lag if self.anchoring else 0,
            ),
            "tallyport_anchor_failures": (
                "Times that an anchor could not be written, or did not fit, since the start.",
                lambda: self.anchoring.failures if self.anchoring else 0,
            ),
            "tallyport_disk_free_bytes": (
                "Bytes that are free on the disk of the node's folder.",
                lambda: shutil.disk_usage(self._home.folder).free,
            ),
        }

    def _network(self) -> dict[str, tuple[str, Callable[[], float]]]:
        """Return figures of the members' nodes, all asked once; 0 for a node without a network."""

        @cache
        def nodes() -> list[NodeStatus]:
            plan = Plan.of(self._home.folder)
            return look(plan) if plan else []

        return {
            "tallyport_network_lag_blocks": (
                "Blocks that this member's node is behind the one that is furthest.",
                lambda: sum(one.lag for one in nodes() if one.name == self._home.folder.name),
            ),
            "tallyport_network_unwell_nodes": (
                "Members' nodes that are down, behind or alone, seen from here.",
                lambda: sum(not one.is_fine for one in nodes()),
            ),
            "tallyport_network_forked": (
                "1 when two nodes have different heads at one height, which must never be.",
                lambda: int(any(one.condition is Condition.FORKED for one in nodes())),
            ),
        }

    def _due(self) -> int:
        now = self._node.clock.now()
        with self._node.book() as book:
            due = takewhile(lambda timer: timer.due <= now, book.scan(Timer))
            return sum(1 for _ in islice(due, DUE_MAX))
