"""Nobody who sends a wrong body reads of dictionaries, instances and validation."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field, Strict, ValidationError, field_validator

from dialer.rules.intake.wording import plain_words


class _Inner(BaseModel):
    word: str = "x"


class _Body(BaseModel):
    inner: _Inner = _Inner()
    table: dict[str, str] = {}
    listed: list[int] = Field(default=[1], min_length=1, max_length=2)
    count: Annotated[int, Strict()] = 1
    flag: Annotated[bool, Strict()] = True
    own: str = ""

    @field_validator("own")
    @classmethod
    def _refuse(cls, value: str) -> str:
        if value:
            raise ValueError("said in our own words")
        return value


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "this must be an object with fields"),
        ({"inner": 5}, "this must be an object with fields"),
        ({"table": []}, "this must be an object with fields"),
        ({"listed": "x"}, "this must be a list"),
        ({"listed": [1, 2, 3]}, "at most 2 entries; this has 3"),
        ({"listed": []}, "at least 1 entries; this has 0"),
        ({"count": "5"}, "this must be a whole number"),
        ({"count": True}, "this must be a whole number"),
        ({"flag": "yes"}, "this must be true or false"),
        ({"inner": {"word": 5}}, "this must be a text"),
        ({"own": "x"}, "said in our own words"),
    ],
)
def test_a_finding_is_told_in_plain_words(body: object, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _Body.model_validate(body)
    (found,) = caught.value.errors()
    assert plain_words(dict(found)) == words


def test_words_are_bounded() -> None:
    assert len(plain_words({"type": "other", "msg": "x" * 5_000})) == 500
