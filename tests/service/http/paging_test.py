"""Cursors come back as the ids they were made of; others are refused."""

import pytest

from dialer.clock import new_id
from dialer.rules.errors import InvalidInputError
from service.http.paging import _cursor, after


def test_a_cursor_comes_back_as_its_id() -> None:
    for _ in range(50):
        made = new_id()
        assert after(_cursor(made)) == made
    assert after(None) is None


@pytest.mark.parametrize("cursor", ["", "A", "!!!", "é", "A" * 21, "A" * 23, "A" * 100])
def test_others_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        after(cursor)
