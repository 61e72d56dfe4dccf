"""The demo's campaign: a plan that the service takes, a shortened file, the whole ring ledger."""

from pathlib import Path

import pytest

from outdial.demo.campaign import PLAN, begin, rings, shorten
from outdial.speaking.sheet import opened
from outdial.speaking.speech import CommandError
from tests.outdial.host import CHECKOUT
from tests.outdial.serving import Serving
from tests.support.sandbox import CONTROL_KEY, SandboxProcess

EXAMPLE = CHECKOUT / "examples" / "leads.csv"


def test_it_creates_imports_and_starts(service: Serving, tmp_path: Path) -> None:
    short = shorten(EXAMPLE, 30, tmp_path / "short.csv")
    with service.client() as client:
        running = begin(client, short, rejects=tmp_path / "r.csv")
        campaign = client.get(f"/v1/campaigns/{running.campaign_id}")
    assert campaign["state"] == "running"
    assert campaign["calls_per_minute"] == PLAN["calls_per_minute"]
    tally = running.imported.tally
    assert tally.rows == 30
    assert len(running.names) == tally.by_status["accepted"] > 15
    assert all(running.names.values())
    service.run("campaigns", "cancel", running.campaign_id)


def test_a_short_copy_has_the_first_rows(tmp_path: Path) -> None:
    short = shorten(EXAMPLE, 7, tmp_path / "short.csv")
    with opened(EXAMPLE) as whole, opened(short) as copy:
        assert copy.header == whole.header
        rows = [row.cells for row in copy.rows]
        assert rows == [row.cells for row, _ in zip(whole.rows, range(7), strict=False)]


def test_without_a_ring_the_ledger_is_empty() -> None:
    with SandboxProcess() as sandbox:
        assert rings(sandbox.url, CONTROL_KEY) == []
        with pytest.raises(CommandError, match="can't be read"):
            rings(sandbox.url, "wrong")
    with pytest.raises(CommandError, match="can't be read"):
        rings("http://127.0.0.1:1", "x")
