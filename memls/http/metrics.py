"""Counters for Prometheus, in a registry of their own."""

import resource
import sys
from time import monotonic
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

if TYPE_CHECKING:
    from memls.owner.pool import Pool

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900)


class Metrics:
    """What is counted. Routes count by their patterns, so that no name of a client's makes a new row."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "memls_requests", "Requests by route and status.", ("route", "status"), registry=registry
        )
        self.duration = Histogram(
            "memls_request_seconds", "Seconds of a request.", ("route",), registry=registry, buckets=_SECONDS
        )
        self.answers = Counter(
            "memls_answers", "Questions by what became of them.", ("status",), registry=registry
        )
        self.tokens = Counter("memls_model_tokens", "Tokens sent and received.", ("kind",), registry=registry)
        self.steps = Counter("memls_model_calls", "Calls of the model.", registry=registry)
        self.running = Gauge("memls_asks_running", "Questions that are being answered.", registry=registry)
        self.waiting = Gauge("memls_asks_waiting", "Questions that wait for their turn.", registry=registry)
        self.repositories = Gauge("memls_repositories_open", "Repositories that are open.", registry=registry)
        self.generation = Gauge(
            "memls_index_generation", "The number of the index's state.", ("repo",), registry=registry
        )
        self.memory = Gauge("memls_peak_memory_bytes", "The most that the process had.", registry=registry)
        self.uptime = Gauge("memls_uptime_seconds", "Seconds since the start.", registry=registry)
        self._started = monotonic()

    def count(self, route: str, status: str, seconds: float) -> None:
        """A request is over."""
        self.requests.labels(route, status).inc()
        self.duration.labels(route).observe(seconds)

    def text(self, pool: "Pool") -> bytes:
        """All of them, in Prometheus' text format."""
        self.repositories.set(len(pool.opened))
        for name, access in pool.opened.items():
            self.generation.labels(name).set(access.generation)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.memory.set(peak if sys.platform == "darwin" else peak * 1024)
        self.uptime.set(monotonic() - self._started)
        return generate_latest(self.registry)
