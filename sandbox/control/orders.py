"""The bodies that the control interface takes; unknown members are refused by name."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic.alias_generators import to_camel

from sandbox.agents.bodies import MAX_FLOW, FieldNames, Name, NewAgentBody
from sandbox.agents.forms import DEFAULT_FLOW
from sandbox.agents.hours import known_zones
from sandbox.clock import MAX_SPEED, TEN_YEARS, instant_of
from sandbox.model.agents import AgentType
from sandbox.model.tenants import SCOPES

ID = r"^[A-Za-z0-9_.:-]{1,100}$"
E164 = r"^\+[1-9][0-9]{6,14}$"
TEN_MINUTES_MS = 600_000.0
USUAL_FIELDS = ("name", "interested", "callbackAt", "doNotCall")


def _zone(name: str) -> str:
    if name not in known_zones():
        raise ValueError("must be an IANA time zone")
    return name


def _instant(given: object) -> float:
    try:
        return instant_of(given if isinstance(given, str) else "")
    except (ValueError, OverflowError) as error:
        raise ValueError(
            "write a date, or a date and a time with its zone, such as 2026-01-05T09:30:00Z"
        ) from error


class Body(BaseModel):
    """A body; members may be written in snake_case or camelCase."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, populate_by_name=True)


class ClockOrder(Body):
    """Where virtual time goes on: at an instant, or so many virtual seconds from now.

    ``speed`` is in virtual seconds per real second, and stays as it is if left out.
    """

    now: Annotated[float, BeforeValidator(_instant)] | None = None
    advance_seconds: float | None = Field(default=None, ge=0.0, le=TEN_YEARS, allow_inf_nan=False)
    speed: float | None = Field(default=None, gt=0.0, le=MAX_SPEED, allow_inf_nan=False)

    @model_validator(mode="after")
    def names_one_instant(self) -> "ClockOrder":
        """Refuse an order that says where to go on in both ways, or in none."""
        if (self.now is None) == (self.advance_seconds is None):
            raise ValueError(
                "give either now or advance_seconds; with advance_seconds 0, speed alone changes"
            )
        return self


class MixOrder(Body):
    """Weights of outcomes by name, and of wishes; they need not add up to 1.

    Wishes that are left out altogether stay as they are.
    """

    mix: dict[str, float]
    wishes: dict[str, float] | None = None


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
    timezone: Annotated[str, AfterValidator(_zone)] = "America/New_York"


class NewAgent(NewAgentBody):
    """An agent of a business that exists; what the API takes for one may be given too."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str | None = Field(default=None, pattern=ID)
    business_id: str
    name: Name = "Sandbox agent"
    type: AgentType = AgentType.OUTBOUND
    conversation_flow: str | None = Field(default=DEFAULT_FLOW, min_length=1, max_length=MAX_FLOW)
    collect_fields: FieldNames | None = Field(default_factory=lambda: list(USUAL_FIELDS))
    deployed: bool = True
    on_duty: bool = True
    phone_number: str | None = Field(default=None, pattern=E164)


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
