"""What runs in the tree, and what each program is told, and not told."""

import os
import signal
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outdial.embedded.ports import free_port
from outdial.machine.home import Home
from outdial.tree.child import Child, Watchers
from outdial.tree.programs import Foundation, SandboxClock, standard_programs

SECRET = "secret-key"
DATABASE = "postgresql+asyncpg://outdial:secret-password@127.0.0.1:1/outdial"


@pytest.fixture
def foundation(tmp_path: Path) -> Foundation:
    """A foundation with the sandbox."""
    return Foundation(
        home=Home(tmp_path / ".outdial"),
        environ={**os.environ, "OUTDIAL_PARTNER_SECRET": "secret-partner", "LANG": "C"},
        database_url=DATABASE,
        redis_url="redis://:secret-redis@127.0.0.1:1/0",
        secret_key=SECRET,
        api_port=8001,
        sandbox_port=free_port(),
        sandbox_key="secret-sandbox",
        clock=None,
    )


def test_the_sandbox_runs_only_where_no_partner_api_is_configured(foundation: Foundation) -> None:
    assert [each.name for each in standard_programs(foundation)] == ["sandbox", "api", "worker"]
    assert foundation.addresses["sandbox"] == f"http://127.0.0.1:{foundation.sandbox_port}"
    assert foundation.partner_base_url == foundation.addresses["sandbox"] + "/api/partner/v1"
    environ = {"OUTDIAL_PARTNER_BASE_URL": "https://partner.example.com/api"}
    real = replace(foundation, sandbox_port=None, environ=environ)
    assert [each.name for each in standard_programs(real)] == ["api", "worker"]
    assert "sandbox" not in real.addresses
    assert real.partner_base_url == "https://partner.example.com/api"


def test_no_secret_is_on_a_command_line_and_none_of_ours_in_the_sandbox(
    foundation: Foundation,
) -> None:
    sandbox, api, worker = standard_programs(foundation)
    for program in (sandbox, api, worker):
        assert not [word for word in program.argv if word.startswith("secret")]
        assert program.argv[:3] == (sys.executable, "-P", "-m")
    assert not [name for name in sandbox.env if name.startswith("OUTDIAL_")]
    assert sandbox.env["SANDBOX_CONTROL_KEY"] == "secret-sandbox"
    for program in (api, worker):
        assert program.env["OUTDIAL_DATABASE_URL"] == DATABASE
        assert program.env["OUTDIAL_SECRET_KEY"] == SECRET
        assert program.env["OUTDIAL_HOME"] == str(foundation.home.path)
        assert program.env["LANG"] == "C"
    assert api.argv[3:] == ("service", "--host", "127.0.0.1", "--port", "8001")


def test_the_sandboxs_clock_is_passed_on(foundation: Foundation) -> None:
    start = datetime(2026, 3, 2, 15, tzinfo=UTC)
    clock = SandboxClock(start=start, real_start=1.5, speed=60)
    words = " ".join(standard_programs(replace(foundation, clock=clock))[0].argv)
    assert "--clock-start 2026-03-02T15:00:00+00:00" in words
    assert "--clock-speed 60" in words
    assert "--clock-real-start 1.5" in words


def test_the_real_sandbox_comes_up_so(foundation: Foundation) -> None:
    lines: list[str] = []
    watchers = Watchers(
        line=lambda _name, line: lines.append(line),
        note=lambda _name, line: lines.append(line),
        started=lambda _name, _stamp: None,
        ended=lambda _stamp: None,
    )
    clock = SandboxClock(start=datetime(2026, 3, 2, 15, tzinfo=UTC), real_start=0, speed=1)
    child = Child(
        program=standard_programs(replace(foundation, clock=clock))[0], watchers=watchers
    )
    try:
        child.start(threading.Event())
        assert child.announcement["base_url"] == foundation.partner_base_url, lines
    finally:
        child.stop(threading.Event())
    assert "SIG" not in "".join(lines), signal.SIGTERM
