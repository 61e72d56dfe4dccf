"""Pages: one odd item costs only itself, a page without its frame costs the page."""

import json

import pytest

from partner import CallRecord, Page, Unknown
from partner.evidence import make_evidence
from partner.models.page import read_page
from partner.transport import Answer


def _page(body: object) -> Page[CallRecord]:
    content = json.dumps(body).encode()
    headers = {"date": "Mon, 15 Jan 2024 10:00:00 GMT"}
    evidence = make_evidence(status=200, headers=headers, body=content, elapsed=0, secrets=())
    answer = Answer(status=200, body=content, coded=False, evidence=evidence)
    return read_page(answer, CallRecord, page=3, page_size=50)


def test_malformed_items_are_left_out_and_counted() -> None:
    page = _page({"items": [{"id": "a"}, None, 5, "x", [], {}, {"id": "b"}], "total": 7})
    assert [record.id for record in page.items] == ["a", "b"]
    assert page.malformed == 5


def test_what_the_page_does_not_say_is_what_was_asked() -> None:
    page = _page({"items": [], "total": 0})
    assert (page.page, page.page_size) == (3, 50)


def test_what_the_page_says_wins() -> None:
    page = _page({"items": [], "total": 0, "page": 1, "page_size": 10})
    assert (page.page, page.page_size) == (1, 10)


def test_the_upstreams_clock_comes_along() -> None:
    moment = _page({"items": [], "total": 0}).server_date
    assert moment is not None
    assert moment.isoformat() == "2024-01-15T10:00:00+00:00"


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        {"total": 0},
        {"items": {}, "total": 0},
        {"items": []},
        {"items": [], "total": None},
        {"items": [], "total": "7"},
        {"items": [], "total": -1},
        {"items": [], "total": True},
        {"items": [], "total": 2**60},
    ],
)
def test_without_items_and_total_there_is_no_page(body: object) -> None:
    with pytest.raises(Unknown, match="unreadable_body"):
        _page(body)
