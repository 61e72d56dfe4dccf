"""Small pictures as numbers."""

from itertools import pairwise

from service.pages.charts import columns, shares, sparkline, stacked, whiskers


def test_a_sparkline_runs_from_left_to_right_and_stays_inside() -> None:
    drawn = sparkline([0, 5, 10])
    assert drawn.points == "0.0,46.0 150.0,24.0 300.0,2.0"
    assert drawn.area.startswith("0,48.0 0.0,46.0")
    assert drawn.label.endswith("most 10")


def test_a_sparkline_of_nothing_is_flat() -> None:
    assert sparkline([0, 0]).points == "0.0,46.0 300.0,46.0"
    assert sparkline([]).points == ""
    assert sparkline([3]).points == "0.0,2.0"


def test_a_stacked_bar_is_filled_in_order() -> None:
    first, second = stacked({"a": 3, "none": 0, "b": 1})
    assert (first.name, first.at, first.width) == ("a", 0.0, 75.0)
    assert (second.name, second.at, second.width) == ("b", 75.0, 25.0)
    assert stacked({"a": 0}) == ()


def test_shares_come_most_first() -> None:
    assert [(s.name, s.width) for s in shares({"a": 1, "b": 4, "c": 1})] == [
        ("b", 100.0),
        ("a", 25.0),
        ("c", 25.0),
    ]


def test_columns_stand_side_by_side_and_the_largest_fills_the_box() -> None:
    drawn = columns([("00:00", 5), ("01:00", 0), ("02:00", 10), ("03:00", 1)])
    assert [one.height for one in drawn] == [20.0, 0.0, 40.0, 4.0]
    assert [one.top for one in drawn] == [20.0, 40.0, 0.0, 36.0]
    assert all(a.at + a.width <= b.at for a, b in pairwise(drawn))
    assert drawn[-1].at + drawn[-1].width <= 100
    assert columns([]) == ()
    assert [one.height for one in columns([("a", 0)])] == [0.0]


def test_whiskers_stay_on_their_line() -> None:
    drawn = whiskers(0.25, 0.05, 0.7, span=(0.0, 1.0))
    assert (drawn.at, drawn.low, drawn.width, drawn.zero) == (25.0, 5.0, 65.0, 0.0)
    drawn = whiskers(0.1, -0.2, 0.4, span=(-0.4, 0.4))
    assert (drawn.at, drawn.low, drawn.width, drawn.zero) == (62.5, 25.0, 75.0, 50.0)
    drawn = whiskers(2.0, -2.0, 3.0, span=(-1.0, 1.0))
    assert (drawn.at, drawn.low, drawn.width) == (100.0, 0.0, 100.0)
