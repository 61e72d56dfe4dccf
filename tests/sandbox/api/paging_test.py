"""Numbers in a query: read within their bounds, refused beyond; and pages of lists."""

import json
from typing import Any

import pytest

from sandbox.api.paging import page_answer, read_number, read_page
from sandbox.errors import ApiError


def test_a_page_has_defaults() -> None:
    assert read_page({}) == (1, 10)
    assert read_page({"page": "3", "page_size": "100"}) == (3, 100)


@pytest.mark.parametrize("text", ["", "1.5", "1e2", "+1", " 1", "\u0661", "9" * 5_000, "11", "0"])
def test_what_is_no_number_in_bounds_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="n must be a whole number from 1 to 10"):
        read_number({"n": text}, "n", default=1, least=1, most=10)


def test_a_page_of_a_list_tells_where_it_is_from() -> None:
    def page(**query: str) -> dict[str, Any]:
        answer = page_answer(list("abcde"), query, lambda letter: {"letter": letter})
        return dict(json.loads(bytes(answer.body)))

    assert page(page="2", page_size="2") == {
        "items": [{"letter": "c"}, {"letter": "d"}],
        "total": 5,
        "page": 2,
        "page_size": 2,
    }
    assert [item["letter"] for item in page()["items"]] == list("abcde")
    assert page(page="4", page_size="2")["items"] == []
