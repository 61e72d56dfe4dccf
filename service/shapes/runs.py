"""Runs as they are asked for and shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from service.http.paging import Page
from service.shapes.parts import Input, View, Word
from service.shapes.segments import SegmentFilter


class RedialPost(Input):
    """Whom of a campaign to call again."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"outcomes": ["no_answer", "busy"], "start": True},
                {"outcomes": ["voicemail"], "filter": {"attempts_max": 3}},
            ]
        },
    )

    outcomes: list[Word] = Field(
        min_length=1,
        max_length=50,
        description="How the last call of a lead that is done ended, such as no_answer.",
    )
    name: Word | None = Field(
        default=None, description="Of the new campaign; absent: this one's name and the date."
    )
    start: bool = Field(
        default=False, description="Whether the new campaign dials once all its leads are in it."
    )
    filter: SegmentFilter | None = Field(
        default=None,
        description="Narrows the choice as a segment's does; without `campaign_ids`, `states` "
        "and `last_outcomes`, which are settled here.",
    )


class RunView(View):
    """A campaign made of another one's leads, and how far it has come."""

    id: UUID
    kind: str = Field(description="redial or schedule.")
    state: str = Field(description="filling: leads are being copied; filled: all are in.")
    problem: str | None = Field(description="Why it was given up or could not be started.")
    taken: int = Field(description="Leads copied so far.")
    start: bool = Field(description="Whether its campaign is started once it is filled.")
    campaign_id: UUID = Field(description="The campaign that the leads are copied into.")
    campaign_name: str
    campaign_state: str
    parent_id: UUID = Field(description="The campaign whose plan it has.")
    parent_name: str
    schedule_id: UUID | None
    schedule_name: str | None
    occurrence: datetime | None = Field(description="The instant that a schedule meant.")
    filter: dict[str, Any]
    created_at: datetime
    filled_at: datetime | None


class RunPage(Page):
    """A page of runs."""

    items: list[RunView]
