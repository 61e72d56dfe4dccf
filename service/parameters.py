"""Parameters that several operations share."""

from typing import Annotated

from fastapi import Header, Query
from pydantic import AfterValidator

from dialer.rules.payload import clean_text

Filter = Annotated[
    str | None, Query(max_length=300), AfterValidator(lambda t: t and clean_text(t))
]
"""A text that a list is narrowed by."""

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[ -~]+$",
        description="The same key is answered once; a repetition gets the first answer again.",
    ),
]
