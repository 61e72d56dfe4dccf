"""What this process counts, and what the database holds, for Prometheus; it names nobody."""

from collections.abc import Mapping
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

METRICS = {
    "outdial_http_requests_total": "Requests, by method, route and status.",
    "outdial_http_request_seconds": "Seconds to the end of the answer, by method and route.",
    "outdial_leads_total": "Rows taken in, by result and by phone code or reason of refusal.",
    "outdial_deliveries_total": "Webhook deliveries, by state.",
    "outdial_quarantined_organizations": "Organizations that dial nothing after a restore.",
    "outdial_parked_organizations": "Organizations that dial nothing for a while.",
    "outdial_parked_agents": "Agents that can't dial.",
    "outdial_parked_campaigns": "Running campaigns that wait to be resumed.",
    "outdial_disbelieved_answers": "Answers that no longer count as refusals, since one rang.",
    "outdial_unknown_calls": "Calls that may have rung, and are looked for.",
    "outdial_held_calls": "Calls that wait for a person, held and stale.",
}
"""Every metric of the API process and what it says."""

GAUGES: Mapping[str, str] = MappingProxyType(
    {
        "outdial_quarantined_organizations": "quarantined",
        "outdial_parked_organizations": "parked_organizations",
        "outdial_parked_agents": "parked_agents",
        "outdial_parked_campaigns": "parked_campaigns",
        "outdial_disbelieved_answers": "disbelieved",
        "outdial_unknown_calls": "unknown_calls",
        "outdial_held_calls": "held_calls",
    }
)
"""Those that are read from the database, the same in every process, by their columns."""

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """A registry of its own, so that two apps in one process don't share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "outdial_http_requests_total",
            METRICS["outdial_http_requests_total"],
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "outdial_http_request_seconds",
            METRICS["outdial_http_request_seconds"],
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._leads = Counter(
            "outdial_leads_total",
            METRICS["outdial_leads_total"],
            ("result", "code"),
            registry=self.registry,
        )
        self._deliveries = Counter(
            "outdial_deliveries_total",
            METRICS["outdial_deliveries_total"],
            ("state",),
            registry=self.registry,
        )

    def request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def lead(self, *, result: str, code: str) -> None:
        """Count a row that was taken in or refused."""
        self._leads.labels(result, code).inc()

    def delivery(self, *, state: str) -> None:
        """Count a webhook delivery."""
        self._deliveries.labels(state).inc()

    def exposition(self, held: Mapping[str, int] | None) -> bytes:
        """All counts in Prometheus' text format.

        Args:
            held: What the database holds, by column; None where it doesn't answer. Then its
                metrics are absent, rather than old.
        """
        told = generate_latest(self.registry)
        if held is None:
            return told
        now = CollectorRegistry()
        for name, column in GAUGES.items():
            Gauge(name, METRICS[name], registry=now).set(held[column])
        return told + generate_latest(now)
