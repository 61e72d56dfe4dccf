"""The draw: by weight, by the number alone, and stable when others come and go."""

import hashlib
from collections import Counter
from decimal import Decimal, localcontext
from math import sqrt
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.variants import Weighted, draw

CAMPAIGN = UUID("0197a1f0-0000-7000-8000-000000000001")
PHONES = [f"+1212555{number:04d}" for number in range(20_000)]
"""Numbers for counting; nobody calls them."""

variants = st.lists(
    st.builds(Weighted, st.uuids(), st.integers(0, 1_000)),
    min_size=1,
    max_size=10,
    unique_by=lambda one: one.variant_id,
)
phones = st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True)


def _variant(number: int, weight: int) -> Weighted:
    return Weighted(UUID(int=number), weight)


def _counts(among: list[Weighted]) -> Counter[UUID | None]:
    return Counter(draw(CAMPAIGN, phone, among) for phone in PHONES)


def _slow(campaign_id: UUID, phone: str, among: list[Weighted]) -> UUID | None:
    """The winner by the description alone: in decimals, largest of u^(1/weight)."""
    best: tuple[Decimal, UUID] | None = None
    with localcontext(prec=60):
        for one in among:
            if not one.weight:
                continue
            text = campaign_id.bytes + one.variant_id.bytes + phone.encode()
            bits = f"{int(hashlib.sha256(text).hexdigest(), 16):0256b}"[:52]
            u = (Decimal(int(bits, 2)) + Decimal("0.5")) / Decimal(2) ** 52
            score = u ** (Decimal(1) / one.weight)
            if best is None or score > best[0]:
                best = (score, one.variant_id)
    return None if best is None else best[1]


@given(campaign=st.uuids(), phone=phones, among=variants)
def test_the_draw_is_the_one_described(campaign: UUID, phone: str, among: list[Weighted]) -> None:
    assert draw(campaign, phone, among) == _slow(campaign, phone, among)


@given(phone=phones, among=variants, seed=st.randoms(use_true_random=False))
def test_the_order_of_the_variants_does_not_matter(
    phone: str, among: list[Weighted], seed: object
) -> None:
    shuffled = sorted(among, key=lambda _: seed.random())  # type: ignore[attr-defined]  # hypothesis' Random
    assert draw(CAMPAIGN, phone, shuffled) == draw(CAMPAIGN, phone, among)


@given(phone=phones, among=variants)
def test_a_variant_that_leaves_moves_its_own_numbers_alone(
    phone: str, among: list[Weighted]
) -> None:
    drawn = draw(CAMPAIGN, phone, among)
    for gone in among:
        left = [one for one in among if one is not gone]
        if gone.variant_id != drawn:
            assert draw(CAMPAIGN, phone, left) == drawn


@given(phone=phones, among=variants, more=st.integers(0, 1_000))
def test_a_weight_that_grows_draws_more_and_loses_nobody(
    phone: str, among: list[Weighted], more: int
) -> None:
    first, *others = among
    heavier = Weighted(first.variant_id, first.weight + more)
    if draw(CAMPAIGN, phone, among) == first.variant_id:
        assert draw(CAMPAIGN, phone, [heavier, *others]) == first.variant_id


def test_parts_follow_the_weights() -> None:
    among = [_variant(1, 1), _variant(2, 3), _variant(3, 6)]
    counts = _counts(among)
    for one in among:
        share = one.weight / 10
        # Five standard deviations of a fair draw: the numbers are fixed, so this can't flicker.
        slack = 5 * sqrt(len(PHONES) * share * (1 - share))
        assert abs(counts[one.variant_id] - len(PHONES) * share) < slack


def test_whom_a_retired_variant_leaves_go_to_the_others_by_their_weights() -> None:
    among = [_variant(1, 5), _variant(2, 1), _variant(3, 3)]
    left = among[1:]
    orphans = [phone for phone in PHONES if draw(CAMPAIGN, phone, among) == UUID(int=1)]
    taken = Counter(draw(CAMPAIGN, phone, left) for phone in orphans)
    slack = 5 * sqrt(len(orphans) * 0.25 * 0.75)
    assert abs(taken[UUID(int=2)] - len(orphans) / 4) < slack


def test_another_campaign_draws_anew() -> None:
    among = [_variant(1, 1), _variant(2, 1)]
    same = sum(draw(CAMPAIGN, phone, among) == draw(UUID(int=9), phone, among) for phone in PHONES)
    assert abs(same - len(PHONES) / 2) < 5 * sqrt(len(PHONES) / 4)


def test_without_any_weight_nothing_is_drawn() -> None:
    assert draw(CAMPAIGN, PHONES[0], []) is None
    assert draw(CAMPAIGN, PHONES[0], [_variant(1, 0)]) is None
    assert draw(CAMPAIGN, PHONES[0], [_variant(1, 0), _variant(2, 1)]) == UUID(int=2)


def test_a_draw_is_the_same_on_every_machine_and_in_every_version() -> None:
    among = [_variant(number, number) for number in range(1, 6)]
    drawn = [draw(CAMPAIGN, phone, among) for phone in PHONES[:12]]
    assert [found.int for found in drawn if found] == [4, 4, 5, 3, 1, 5, 4, 2, 4, 1, 1, 3]
