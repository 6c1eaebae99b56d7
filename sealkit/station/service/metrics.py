"""What Prometheus is told: requests, how long they took, what was ingested and concluded."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The counters of one service, since it started."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "sealkit_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "sealkit_request_seconds",
            "How long requests took, by route.",
            ["route"],
            registry=self._registry,
        )
        self.evidence = Counter(
            "sealkit_evidence",
            "Evidence that was taken: new, or known already.",
            ["kind"],
            registry=self._registry,
        )
        self.verdicts = Counter(
            "sealkit_verdicts",
            "Verdicts by conclusion.",
            ["conclusion"],
            registry=self._registry,
        )

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)
