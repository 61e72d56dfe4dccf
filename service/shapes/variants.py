"""Variants as they are added, changed and compared."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from dialer.pipeline.planning.variant_edits import TEMPLATES, Variant
from dialer.pipeline.reports.comparison import Comparison, Result
from dialer.rules.comparing import Estimate
from dialer.rules.intake.briefing import MAX_TEMPLATE
from dialer.rules.variants import MAX_WEIGHT
from service.shapes.campaigns import Template
from service.shapes.parts import Input, View, Whole, Word

_TEMPLATE = "null: the campaign's, as it stands at each call; empty: the lead's own words."


class VariantPatch(Input):
    """The parts of a variant that change; absent parts stay, null gives a template up."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"weight": 3}, {"context_template": None}]},
    )

    name: Word | None = Field(default=None, description="For people; no other variant's.")
    weight: Whole | None = Field(
        default=None,
        ge=0,
        le=MAX_WEIGHT,
        description="Its part in the draw beside the others' weights; 0: nobody is drawn to it. "
        "Leads that were drawn keep their variant.",
    )
    context_template: Template | None = Field(
        default=None, max_length=MAX_TEMPLATE, description=f"What the agent is told; {_TEMPLATE}"
    )
    additional_info_template: Template | None = Field(
        default=None, max_length=MAX_TEMPLATE, description=f"Appended to it; {_TEMPLATE}"
    )

    def values(self) -> dict[str, Any]:
        """The columns that change."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {k: v for k, v in given.items() if v is not None or k in TEMPLATES}


class VariantPost(Input):
    """A variant to add to a campaign."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "As planned", "weight": 1},
                {"name": "Shorter opening", "weight": 1, "partner_agent_id": "agent_2"},
            ]
        },
    )

    name: Word = Field(description="For people; no other variant's of the campaign.")
    weight: Whole = Field(
        default=1,
        ge=0,
        le=MAX_WEIGHT,
        description="Its part in the draw: of weights 1 and 3, the second gets three leads of "
        "four. 0: nobody is drawn to it.",
    )
    agent_id: UUID | None = Field(
        default=None,
        description="An agent of /v1/agents to call through; absent, and partner_agent_id too: "
        "the campaign's.",
    )
    partner_agent_id: Word | None = Field(
        default=None,
        description="The same by its id in the calling platform, in the campaign's business.",
    )
    context_template: Template | None = Field(
        default=None, max_length=MAX_TEMPLATE, description=f"What the agent is told; {_TEMPLATE}"
    )
    additional_info_template: Template | None = Field(
        default=None, max_length=MAX_TEMPLATE, description=f"Appended to it; {_TEMPLATE}"
    )

    def variant(self) -> Variant:
        """As the core takes it."""
        return Variant(**{name: getattr(self, name) for name in type(self).model_fields})


class VariantView(View):
    """A variant."""

    id: UUID
    campaign_id: UUID
    name: str
    weight: int
    agent_id: UUID | None = Field(description="Its own agent; null: the campaign's.")
    partner_agent_id: str = Field(description="Of the agent that it calls through.")
    agent_name: str
    agent_parked_reason: str | None = Field(
        description="Why that agent can't dial, as last found; null: nothing known."
    )
    context_template: str | None
    additional_info_template: str | None
    created_at: datetime
    retired_at: datetime | None = Field(description="Since when nobody is drawn to it.")


class VariantRetired(View):
    """A variant after its retirement."""

    variant: VariantView
    freed: int = Field(description="Leads that it had not called, which are drawn again.")


class EstimateView(View):
    """A rate, or a difference of two, with the interval that it lies in by the confidence."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    value: float = Field(description="A share: 0.1 is ten in a hundred.")
    low: float
    high: float


class DifferenceView(EstimateView):
    """By how much a variant's rate is above the first variant's."""

    verdict: Literal["higher", "lower", "undecided"] = Field(
        description="undecided: the interval holds 0, so chance alone would explain it."
    )


class VariantResult(View):
    """One variant's line in the comparison."""

    variant: VariantView
    share: float = Field(description="Its part of the draw, 0 to 1; 0 once it is retired.")
    leads: int = Field(description="Leads that were drawn to it.")
    called: int = Field(description="Those of whom a call has ended.")
    calls: int = Field(description="Calls that rang, or may have.")
    outcomes: dict[str, int] = Field(description="Called leads by their last call's outcome.")
    reached: int = Field(description="Called leads of whom some call ended with the goal.")
    rate: EstimateView | None = Field(description="reached of called; null: nobody was called.")
    difference: DifferenceView | None = Field(
        description="null for the first variant, and while either has called nobody."
    )

    @classmethod
    def show(cls, result: Result) -> Self:
        """Show a line."""
        told = result.difference
        return cls(
            variant=VariantView.of(result.variant),
            share=result.share,
            leads=result.leads,
            called=result.called,
            calls=result.calls,
            outcomes=dict(result.outcomes),
            reached=result.reached,
            rate=None if result.rate is None else EstimateView(**_parts(result.rate)),
            difference=None
            if told is None
            else DifferenceView(**_parts(told), verdict=told.verdict),
        )


class VariantComparison(View):
    """A campaign's variants side by side, the oldest first."""

    goal: list[str] = Field(description="The outcomes that were counted as the goal.")
    confidence: float = Field(
        description="Of each interval by itself: among many, some seem to differ by chance."
    )
    items: list[VariantResult]
    undrawn: int = Field(description="Leads that were never called and have no variant yet.")
    outside: int = Field(description="Leads that were called without a variant.")

    @classmethod
    def show(cls, found: Comparison) -> Self:
        """Show a comparison."""
        return cls(
            goal=list(found.goal),
            confidence=found.confidence,
            items=[VariantResult.show(one) for one in found.results],
            undrawn=found.undrawn,
            outside=found.outside,
        )


def _parts(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}
