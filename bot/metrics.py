"""What the process counts, for Prometheus to read."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    generate_latest,
)

NAMESPACE = "stablehand"


class Metrics:
    """The counters and gauges of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._deliveries = Counter(
            "deliveries_total",
            "Webhooks received",
            ("event", "outcome"),
            namespace=NAMESPACE,
            registry=registry,
        )
        self._picks = Counter(
            "picks_total",
            "Picks on to a target branch",
            ("outcome",),
            namespace=NAMESPACE,
            registry=registry,
        )
        self._requests = Counter(
            "api_requests_total",
            "Requests sent to GitHub's API",
            ("method", "status"),
            namespace=NAMESPACE,
            registry=registry,
        )
        self._remaining = Gauge(
            "api_rate_remaining",
            "Requests left to the installation that asked last",
            namespace=NAMESPACE,
            registry=registry,
        )
        self._workflows = Gauge(
            "workflows",
            "Workflows by state",
            ("state",),
            namespace=NAMESPACE,
            registry=registry,
        )

    def delivery(self, event: str, outcome: str) -> None:
        """Count a webhook; `event` must be one that GitHub signed."""
        self._deliveries.labels(event, outcome).inc()

    def pick(self, outcome: str) -> None:
        """Count a pick."""
        self._picks.labels(outcome).inc()

    def request(self, method: str, status: str, remaining: int | None) -> None:
        """Count a request to GitHub's API, and keep what is left of its limit where known."""
        self._requests.labels(method, status).inc()
        if remaining is not None:
            self._remaining.set(remaining)

    def workflows(self, counts: Mapping[str, int]) -> None:
        """Say how many workflows are in each state now."""
        self._workflows.clear()
        for state, count in counts.items():
            self._workflows.labels(state).set(count)

    def render_metrics(self) -> bytes:
        """Give the text that Prometheus reads."""
        return generate_latest(self._registry)
