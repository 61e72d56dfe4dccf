"""The copy of the do-not-call registry as it is loaded, declared and shown."""

from datetime import date
from typing import Any

from pydantic import ConfigDict, Field

from dialer.pipeline.compliance.dnc import MAX_NUMBERS
from service.shapes.parts import Input, View


class DncNumbersPost(Input):
    """A part of the registry."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"phones": ["2125550142", "+14125550151"]}]},
    )

    phones: list[Any] = Field(
        min_length=1, max_length=MAX_NUMBERS, description="Numbers as typed, at most 10,000."
    )


class DncRejected(View):
    """A number that can't be read; nothing was kept of it."""

    index: int = Field(description="Its place in what was sent, from 0.")
    code: str = Field(description="Why, such as `phone.too_short`.")


class DncLoaded(View):
    """What became of a part."""

    added: int = Field(description="Numbers that are new in the copy.")
    known: int = Field(description="Numbers that stood in it, or came twice.")
    rejected: list[DncRejected]


class DncScrubbedPost(Input):
    """Of which day the copy is, now that it is whole."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"on": "2026-03-02"}]}
    )

    on: date = Field(description="The day on which the registry's version was obtained.")


class DncView(View):
    """The organization's copy of the registry."""

    model_config = ConfigDict(extra="ignore", from_attributes=True)

    numbers: int = Field(description="How many numbers it has.")
    more: bool = Field(description="Whether it has more than were counted (10,000,000).")
    scrubbed_on: date | None = Field(description="Of which day it is; null: not in force.")
    expires_on: date | None = Field(
        description="The day (UTC) from whose beginning it is too old to call by."
    )
    fresh: bool = Field(description="Whether campaigns that ask for the registry may call now.")
