"""What the demo shows while it runs: a panel on a terminal, lines elsewhere, both safe."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from dialer.rules.intake.table import Tally
from outdial.demo.campaign import Running
from outdial.demo.ledger import BUCKETS
from outdial.demo.view import Glance, Watcher, opened
from outdial.leads.leads import Imported
from tests.outdial.serving import Serving

NOON = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)


def running() -> Running:
    """A campaign whose file had refused rows."""
    tally = Tally()
    tally.reasons["phone.toll_free"] = 3
    imported = Imported(tally=tally, refused=(), written=None, replayed=0)
    return Running(campaign_id="c", imported=imported, names={"l1": "Ada \x1b[2J[red]Example"})


def glance(minutes: float = 0) -> Glance:
    """A moment of it."""
    total = {"accepted": 9, **dict.fromkeys(BUCKETS, 0), "waiting": 5, "calling": 1, "done": 3}
    call = {
        "state": "live",
        "phone": "+12125550142",
        "lead_id": "l1",
        "attempt": 2,
        "armed_at": (NOON - timedelta(seconds=42)).isoformat(),
    }
    given: dict[str, Any] = {
        "ledger": {
            "total": total,
            "outcomes": {"completed": 2, "busy": 1},
            "waiting_reasons": {"no_answer": 4},
        },
        "calls": [call],
        "pace": 4.8,
        "agent": {"name": "Speed-to-lead caller", "parked_reason": "off_duty"},
    }
    return Glance(now=NOON + timedelta(minutes=minutes), **given)


def test_a_terminal_gets_a_panel() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=110, height=40)
    with opened(console, running(), limit=5, speed=120) as view:
        view.show(glance())
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for text in (
        *("waiting 5", "Tue 17:30:00 UTC", "120 times", "+12125550142", "attempt 2", "42 s"),
        *("1 calls in progress, 4.8 a minute (limit 5)", "toll_free", "parked: off_duty"),
        *("Ada [red]Example", "no_answer", "completed"),
    ):
        assert text in shown
    assert "\x1b[2J" not in shown


def test_elsewhere_it_prints_a_line_now_and_then() -> None:
    console = Console(file=io.StringIO(), width=200)
    with opened(console, running(), limit=5, speed=120) as view:
        for minutes in (0, 1, 9, 11, 12):
            view.show(glance(minutes))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line[:13] for line in lines] == ["Tue 17:30:00 ", "Tue 17:41:00 "]
    assert "waiting 5 calling 1 done 3" in lines[0]
    assert "completed 2 busy 1" in lines[0]


def test_what_is_left_is_what_is_not_finished() -> None:
    assert glance().left == 6


def test_it_reads_the_real_service(service: Serving) -> None:
    watched = service.campaign("watched")
    with service.client() as client:
        seen = Watcher(client=client).look(NOON)
    assert [call for call in seen.calls if call["campaign_id"] == watched] == []
    assert seen.pace == 0
    assert seen.agent["partner_agent_id"] == "agent_demo"
    assert set(BUCKETS) < set(seen.ledger["total"])
