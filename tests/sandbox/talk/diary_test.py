"""Appointments never overlap, are found by person, and free their slot when cancelled."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.calendar import Appointment
from sandbox.talk.diary import Diary
from sandbox.world import World
from tests.sandbox.worlds import forget


def _appointment(number: int, starts: float, ends: float) -> Appointment:
    return Appointment(
        id=f"appointment_{number}",
        business_id="biz",
        agent_id="agent",
        call_id=f"call_{number}",
        customer_number=f"+121255501{number:02}",
        starts=starts,
        ends=ends,
        booked=0.0,
    )


spans = st.lists(
    st.tuples(st.integers(0, 200), st.integers(1, 20), st.integers(0, 5)), max_size=60
)


@given(spans=spans)
def test_free_is_what_a_plain_scan_finds(spans: list[tuple[int, int, int]]) -> None:
    diary = Diary(world=World(keep=forget))
    kept: list[Appointment] = []
    for number, (start, length, buffer) in enumerate(spans):
        low, high = float(start - buffer), float(start + length + buffer)
        free = all(one.ends <= low or one.starts >= high for one in kept)
        assert diary.free("biz", low, high) is free
        if free:
            kept.append(_appointment(number, float(start), float(start + length)))
            diary.settle(booked=kept[-1], cancelled=None, at=0.0, by="")


def test_another_business_has_its_own_calendar() -> None:
    diary = Diary(world=World(keep=forget))
    diary.settle(booked=_appointment(1, 10, 20), cancelled=None, at=0.0, by="")
    assert not diary.free("biz", 15, 16)
    assert diary.free("other", 15, 16)


def test_a_cancelled_slot_is_free_and_the_appointment_says_who_cancelled_it() -> None:
    world = World(keep=forget)
    diary = Diary(world=world)
    made = _appointment(1, 100, 110)
    diary.settle(booked=made, cancelled=None, at=0.0, by="")
    assert diary.upcoming("biz", made.customer_number, 50.0) == made
    assert diary.upcoming("biz", made.customer_number, 105.0) is None
    diary.settle(booked=None, cancelled=made, at=60.0, by="call_9")
    assert diary.free("biz", 100, 110)
    assert diary.upcoming("biz", made.customer_number, 50.0) is None
    kept = world.find(Appointment, made.id)
    assert kept is not None
    assert (kept.cancelled, kept.cancelled_by) == (60.0, "call_9")


def test_appointments_are_taken_up_again() -> None:
    world = World(keep=forget)
    first = Diary(world=world)
    one, two = _appointment(1, 100, 110), _appointment(2, 120, 130)
    first.settle(booked=one, cancelled=None, at=0.0, by="")
    first.settle(booked=two, cancelled=one, at=0.0, by="call_9")
    again = Diary(world=world)
    assert again.free("biz", 100, 110)
    assert not again.free("biz", 120, 130)
    assert again.upcoming("biz", two.customer_number, 0.0) == two
