"""Why a lead is not called, and why a campaign is idle."""

from datetime import datetime

from pydantic import ConfigDict, Field

from service.shapes.parts import View


class VerdictView(View):
    """What one gate says."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    gate: str = Field(description="Such as campaign, agent, suppression, number, calling_hours.")
    open: bool
    says: str = Field(description="In a sentence.")
    why: str | None = Field(description="The reason's name, where the gate is shut.")
    until: datetime | None = Field(
        description="When it opens by itself; null when it is open or that can't be foreseen."
    )


class WhyView(View):
    """Where a lead stands and what it waits for."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    at: datetime = Field(description="Campaign time.")
    state: str = Field(description="The lead's bucket.")
    blocks: VerdictView | None = Field(description="The first gate that is shut.")
    next_at: datetime | None = Field(
        description="The first instant at which time alone has opened every gate of the lead."
    )
    ahead: int = Field(description="Due leads of its campaign that come before it.")
    estimate_at: datetime | None = Field(
        description="About when its phone rings by the pace in force; null when a person has to "
        "act first."
    )
    verdicts: list[VerdictView] = Field(description="Every gate, in the order they are asked.")


class WaitingView(View):
    """Leads that wait for the same thing."""

    reason: str = Field(description="`new`: no gate and no call has said anything yet.")
    leads: int
    due: int
    next_due_at: datetime | None


class IdleView(View):
    """Why a campaign does what it does."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    at: datetime
    says: str = Field(description="The answer in a sentence.")
    pace: float | None = Field(description="Calls a minute that all levels allow; null: no limit.")
    in_flight: int = Field(description="Calls that hold a place under the concurrency limits.")
    verdicts: list[VerdictView]
    waiting: list[WaitingView] = Field(description="Waiting leads by what they wait for.")
