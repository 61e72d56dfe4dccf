"""The ring ledger: numbered, kept, read from anywhere."""

from pathlib import Path

from sandbox.clock import VirtualClock
from sandbox.journal import Lines
from sandbox.rings import RingLedger


def _ring(ledger: RingLedger, phone: str) -> None:
    ledger.record(
        phone=phone,
        business_id="biz_demo",
        agent_id="agent_demo",
        call_id="call_1",
        request_id=None,
        answered="200",
    )


def test_rings_are_numbered_and_read_after_any_number() -> None:
    ledger = RingLedger(clock=VirtualClock(), lines=Lines(path=None))
    assert ledger.last_seq == 0
    assert ledger.after(0, 10) == []
    for line in range(5):
        _ring(ledger, f"+1212555010{line}")
    assert [ring["seq"] for ring in ledger.after(0, 10)] == [1, 2, 3, 4, 5]
    assert [ring["seq"] for ring in ledger.after(2, 2)] == [3, 4]
    assert ledger.after(9, 10) == []
    assert [ring["seq"] for ring in ledger.latest(2)] == [5, 4]
    assert len(ledger) == 5


def test_rings_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "rings.jsonl"
    lines = Lines(path=path)
    _ring(RingLedger(clock=VirtualClock(), lines=lines), "+12125550101")
    lines.close()
    lines = Lines(path=path)
    ledger = RingLedger(clock=VirtualClock(), lines=lines)
    _ring(ledger, "+12125550102")
    assert [(ring["seq"], ring["phone"]) for ring in ledger.after(0, 10)] == [
        (1, "+12125550101"),
        (2, "+12125550102"),
    ]
    lines.close()
