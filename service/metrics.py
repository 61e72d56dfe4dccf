"""What this process counts for Prometheus; nothing in it names a person."""

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

METRICS = {
    "outdial_http_requests_total": "Requests, by method, route and status.",
    "outdial_http_request_seconds": "Seconds to the end of the answer, by method and route.",
    "outdial_leads_total": "Rows taken in, by result and by phone code or reason of refusal.",
    "outdial_deliveries_total": "Webhook deliveries, by state.",
}
"""Every metric of the API process and what it says."""

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

    def exposition(self) -> bytes:
        """All counts in Prometheus' text format."""
        return generate_latest(self.registry)
