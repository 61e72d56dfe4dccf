"""The bodies that the control interface takes; unknown members are refused by name."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from sandbox.model.agents import AgentType
from sandbox.model.tenants import SCOPES

ID = r"^[A-Za-z0-9_.:-]{1,100}$"
E164 = r"^\+[1-9][0-9]{6,14}$"
TEN_MINUTES_MS = 600_000.0


class Body(BaseModel):
    """A body; members may be written in snake_case or camelCase."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class MixOrder(Body):
    """Weights of outcomes by name; they need not add up to 1."""

    mix: dict[str, float]


class LatencyOrder(Body):
    """Real milliseconds added to answers; what is left out stays as it is."""

    call_ms: float | None = Field(default=None, ge=0.0, le=TEN_MINUTES_MS)
    history_ms: float | None = Field(default=None, ge=0.0, le=TEN_MINUTES_MS)


class TokenOrder(Body):
    """How long tokens issued from now on live, in real seconds."""

    expires_in: int = Field(ge=1, le=31_536_000)


class NewOrganization(Body):
    """An organization, with an API key or a client where given."""

    id: str | None = Field(default=None, pattern=ID)
    name: str = Field(min_length=1, max_length=200)
    api_key: str | None = Field(default=None, min_length=1, max_length=200)
    client_id: str | None = Field(default=None, pattern=ID)
    client_secret: str | None = Field(default=None, min_length=1, max_length=200)
    scopes: frozenset[str] = SCOPES


class NewCredential(Body):
    """An API key, or a client with its secret, for an organization that exists."""

    organization_id: str
    api_key: str | None = Field(default=None, min_length=1, max_length=200)
    client_id: str | None = Field(default=None, pattern=ID)
    client_secret: str | None = Field(default=None, min_length=1, max_length=200)
    scopes: frozenset[str] = SCOPES


class NewBusiness(Body):
    """A business of an organization that exists."""

    id: str | None = Field(default=None, pattern=ID)
    organization_id: str
    name: str = Field(min_length=1, max_length=200)
    phone_number: str | None = Field(default=None, pattern=E164)


class NewAgent(Body):
    """An agent of a business that exists."""

    id: str | None = Field(default=None, pattern=ID)
    business_id: str
    name: str = Field(default="Sandbox agent", min_length=1, max_length=40)
    type: AgentType = AgentType.OUTBOUND
    deployed: bool = True
    on_duty: bool = True
    phone_number: str | None = Field(default=None, pattern=E164)
    collect_fields: tuple[str, ...] = ("name", "interested", "callbackAt", "doNotCall")


class NewLead(Body):
    """A lead of a business that exists."""

    id: str | None = Field(default=None, pattern=ID)
    business_id: str
    name: str = Field(min_length=1, max_length=200)
    phone_number: str | None = Field(default=None, pattern=E164)
    source: str = Field(default="website form", max_length=200)
    details: str = Field(default="", max_length=2_000)


class AgentChange(Body):
    """What becomes of an agent; what is left out stays as it is."""

    type: AgentType | None = None
    deployed: bool | None = None
    on_duty: bool | None = None
