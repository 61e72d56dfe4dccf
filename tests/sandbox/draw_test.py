"""Chance that depends on nothing but the seed and the subject."""

from collections import Counter

from sandbox.draw import Draw


def test_equal_subjects_draw_equally_in_any_order() -> None:
    one = Draw(seed=7, subject=("call", "+12125550123", 1))
    other = Draw(seed=7, subject=("call", "+12125550123", 1))
    assert [one.unit("a"), one.unit("b")] == [other.unit("a"), other.unit("b")]
    assert one.unit("b") == other.unit("b")


def test_seed_subject_and_label_each_make_a_difference() -> None:
    units = {
        Draw(seed=7, subject=("x", 1)).unit("a"),
        Draw(seed=8, subject=("x", 1)).unit("a"),
        Draw(seed=7, subject=("x", 2)).unit("a"),
        Draw(seed=7, subject=("x1",)).unit("a"),
        Draw(seed=7, subject=("x", 1)).unit("b"),
    }
    assert len(units) == 5


def test_units_are_spread_evenly() -> None:
    tenths = Counter(int(Draw(seed=1, subject=(n,)).unit("u") * 10) for n in range(10_000))
    assert set(tenths) == set(range(10))
    assert all(850 < number < 1150 for number in tenths.values())


def test_between_and_pick_stay_within_their_bounds() -> None:
    draws = [Draw(seed=1, subject=(n,)) for n in range(1_000)]
    assert all(20 <= draw.between("length", 20, 180) < 180 for draw in draws)
    assert {draw.pick("word", "abc") for draw in draws} == set("abc")


def test_tokens_are_hexadecimal_and_differ() -> None:
    tokens = {Draw(seed=1, subject=(n,)).token("id") for n in range(1_000)}
    assert len(tokens) == 1_000
    assert all(len(token) == 20 and int(token, 16) >= 0 for token in tokens)
