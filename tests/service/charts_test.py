"""Small pictures as numbers."""

from service.charts import shares, sparkline, stacked


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
