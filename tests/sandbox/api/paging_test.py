"""Numbers in a query: read within their bounds, refused beyond."""

import pytest

from sandbox.api.paging import read_number, read_page
from sandbox.errors import ApiError


def test_a_page_has_defaults() -> None:
    assert read_page({}) == (1, 10)
    assert read_page({"page": "3", "page_size": "100"}) == (3, 100)


@pytest.mark.parametrize("text", ["", "1.5", "1e2", "+1", " 1", "\u0661", "9" * 5_000, "11", "0"])
def test_what_is_no_number_in_bounds_is_refused(text: str) -> None:
    with pytest.raises(ApiError, match="n must be a whole number from 1 to 10"):
        read_number({"n": text}, "n", default=1, least=1, most=10)
