"""Who uses the API and whom calls are for: organizations, credentials, businesses, leads."""

from sandbox.model.base import Record

SCOPES = frozenset(
    {
        *(f"voice-agents:{verb}" for verb in ("create", "read", "update", "delete")),
        *(f"tools:{verb}" for verb in ("create", "read", "update", "delete")),
        *(f"files:{verb}" for verb in ("create", "read", "delete")),
        *(f"integrations:{verb}" for verb in ("create", "read", "update", "delete")),
        "voices:read",
        "calls:read",
    }
)
"""The guide's scopes, all of them."""


class Organization(Record):
    """Who holds credentials and businesses; no other organization sees them."""

    name: str


class Credential(Record):
    """A static API key, or a client's secret; ``id`` is the key's digest or the client id."""

    organization_id: str
    secret_digest: str | None = None
    scopes: frozenset[str] = SCOPES


class Business(Record):
    """Whom the calls are for.

    ``phone_number`` is its own line; ``provisioned_number`` the one its agents call from.
    ``timezone`` (IANA) is what its appointment hours are meant in.
    """

    organization_id: str
    name: str
    phone_number: str | None = None
    provisioned_number: str | None = None
    timezone: str = "America/New_York"


class Lead(Record):
    """A lead inside the upstream's own platform; a CRM's id never names one."""

    business_id: str
    name: str
    phone_number: str | None = None
    source: str = "website form"
    details: str = ""

    def context(self, business: Business) -> str:
        """What an agent is told when a call names this lead."""
        told = f"{self.name} contacted {business.name} through the {self.source}."
        return f"{told} {self.details}".strip()
