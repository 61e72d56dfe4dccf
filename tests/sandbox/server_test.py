"""The process: it says when it listens, ends cleanly, and takes up its state again."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.sandbox.worlds import CALL, CALLS, CLOCK_START, PHONE, client, ended, place, until
from tests.support.sandbox import CONTROL_KEY, ROOT, SandboxProcess


def _run(*options: str, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own program with our own options
        [sys.executable, "-m", "sandbox", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_while_calls_hang(number: signal.Signals) -> None:
    with SandboxProcess() as sandbox, client(sandbox) as api:
        sandbox.fault("hang")
        sandbox.fault("late_ring", phone="+12125550177")
        with pytest.raises(httpx2.ReadTimeout):
            api.post(CALL, json={"phoneNumber": PHONE}, timeout=0.3)
        os.kill(sandbox.pid, number)
        assert sandbox.stop() == 0


def test_state_and_port_survive_a_restart(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path, clock_start=CLOCK_START, clock_speed=3600) as sandbox:
        sandbox.set_agent("agent_draft", deployed=True, on_duty=False)
        with client(sandbox) as api:
            call_id = place(api, name="Ann Bee")
            token = _token(sandbox)
        rings, url = sandbox.rings(), sandbox.url
        before = sandbox.clock()["now"]
        sandbox.restart()
        assert sandbox.url == url
        assert sandbox.rings() == rings
        assert sandbox.clock()["now"] > before
        assert sandbox.call(call_id)["name"] == "Ann Bee"
        with client(sandbox, token) as api:
            assert api.get(CALLS).json()["total"] == 1
            agent = api.get("/businesses/biz_demo/voice-agents/agent_draft").json()
            assert agent["onDuty"] is False
            second = place(api)
        assert [ring["seq"] for ring in sandbox.rings()] == [1, 2]
        assert sandbox.call(second)["attempt"] == 2


def test_a_killed_sandbox_has_written_every_ring_it_answered(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path, fsync=True) as sandbox:
        with client(sandbox) as api:
            ids = [place(api) for _ in range(20)]
        sandbox.kill()
        with (tmp_path / "rings.jsonl").open("ab") as rings:
            rings.write(b'{"seq":21,"at"')
        sandbox.start()
        assert [ring["call_id"] for ring in sandbox.rings()] == ids
        assert sandbox.stats()["rings"] == 20
        assert sum(sandbox.stats()["calls"].values()) == 20


def test_without_a_folder_a_restart_begins_afresh() -> None:
    with SandboxProcess() as sandbox:
        with client(sandbox) as api:
            place(api)
        sandbox.restart()
        assert sandbox.rings() == []


def test_equal_seeds_give_equal_runs() -> None:
    fates = []
    for _ in range(2):
        with SandboxProcess(seed=11) as sandbox, client(sandbox) as api:
            calls = [sandbox.call(place(api, f"+12125550{n}")) for n in range(100, 130)]
        fates.append([(call["outcome"], call["reason"]) for call in calls])
    assert fates[0] == fates[1]
    assert len(set(fates[0])) > 3


def test_the_ready_line_is_all_that_it_prints() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        process.terminate()
        assert process.stdout.read() == ""
    assert line["event"] == "ready"
    assert line["base_url"] == line["url"] + "/api/partner/v1"
    assert process.returncode == 0


def test_everything_that_was_made_survives_a_restart(tmp_path: Path) -> None:
    business = "/businesses/biz_demo"
    calendar = f"{business}/integrations/google-calendar"
    with SandboxProcess(data=tmp_path, clock_start=CLOCK_START, clock_speed=3600) as sandbox:
        sandbox.control(
            "PUT", "outcomes", {"mix": {"answered_interested": 1}, "wishes": {"appointment": 1}}
        )
        with client(sandbox) as api:
            shared = {"calendarId": "primary", "accessToken": "ya29.sample"}
            assert api.post(calendar, json=shared).is_success
            files = {"file": ("hours.md", b"We are open from nine to five.", "text/markdown")}
            file_id = _made(api.post(f"{business}/files", files=files))
            override = {"templateToolId": "template-endcall-001", "name": "Goodbye"}
            tool_id = _made(api.post(f"{business}/tools", json=override))
            until(
                lambda: str(api.get(f"{business}/files/{file_id}").json()["status"]),
                lambda status: status == "ready",
            )
            agent = {
                "name": "Reception desk",
                "type": "OUTBOUND",
                "voiceId": "voice-abc123",
                "conversationFlow": "Ask what is needed. Say goodbye.",
                "toolIds": [tool_id],
                "knowledgeBaseDocumentIds": [file_id],
            }
            agent_id = _made(api.post(f"{business}/voice-agents", json=agent))
            booked = ended(api, place(api, name="Ann Bee"))
            until(
                lambda: api.get(f"{business}/voice-agents/{agent_id}").json(),
                lambda shown: shown["workflow"] is not None,
            )
            paths = [
                calendar,
                f"{business}/files/{file_id}",
                f"{business}/tools",
                f"{business}/voice-agents/{agent_id}",
                f"{CALLS}/{booked['id']}",
            ]
            before = [api.get(path).json() for path in paths]
        appointments = sandbox.control("GET", "appointments")
        assert appointments["total"] == 1
        sandbox.kill()
        sandbox.start()
        assert sandbox.control("GET", "appointments") == appointments
        with client(sandbox) as api:
            assert [api.get(path).json() for path in paths] == before


def test_the_clock_goes_on_with_the_folder_alone(tmp_path: Path) -> None:
    kept = ("--data", str(tmp_path))
    with _listening(*kept, "--speed", "60", "--clock-start", CLOCK_START) as before:
        first = _clock(before)
    with _listening(*kept) as after:
        second = _clock(after)
    assert first["start"] == second["start"] == CLOCK_START.replace("Z", ".000Z")
    assert (first["real_start"], first["speed"]) == (second["real_start"], second["speed"])
    assert second["speed"] == 60.0
    assert second["now"] > first["now"]


def test_on_a_terminal_it_says_what_to_do_next() -> None:
    ours, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--control-key", "chosen-key"],
        cwd=ROOT,
        stdout=terminal,
    )
    os.close(terminal)
    said = b""
    with process:
        while b"Ctrl-C ends it." not in said:
            said += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
    os.close(ours)
    assert process.returncode == 0
    url = re.search(rb"export OUTDIAL_PARTNER_BASE_URL=(http://127\.0\.0\.1:\d+)/api/", said)
    assert url is not None
    assert b"export OUTDIAL_PARTNER_API_KEY=sandbox-key" in said
    assert b"chosen-key" not in said
    assert b'"event"' not in said


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path):
        refused = _run("--data", str(tmp_path))
    assert refused.returncode == 2
    assert "another sandbox is using" in refused.stderr


def test_a_port_in_use_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = _run("--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "in use; choose another with --port" in " ".join(refused.stderr.split())


def test_a_start_that_fails_leaves_the_clock_alone(tmp_path: Path) -> None:
    with _listening("--data", str(tmp_path), "--speed", "60"):
        kept = (tmp_path / "clock.json").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert _run("--data", str(tmp_path), "--speed", "9", "--port", port).returncode == 2
    assert (tmp_path / "clock.json").read_bytes() == kept


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--clock-start", "yesterday"), "yesterday"),
        (("--speed", "0"), "speed"),
        (("--clock-speed", "nan"), "speed"),
        (("--clock-real-start", "inf"), "finite"),
        (("--host", "0.0.0.0"), "--control-key"),
        (("--host", "example.com"), "--control-key"),
        (("--port", "70000"), "65535"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], says: str) -> None:
    refused = _run(*options)
    assert refused.returncode == 2
    assert says in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("text", ["not json\n", "{}\n", '{"kind":"planet","record":{}}\n'])
def test_an_unreadable_journal_is_refused_and_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.jsonl").write_text(text)
    refused = _run("--data", str(tmp_path))
    assert refused.returncode == 2
    assert "journal.jsonl" in refused.stderr
    assert "Traceback" not in refused.stderr


def _made(answer: httpx2.Response) -> str:
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@contextmanager
def _listening(*options: str) -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603 -- our own program with our own options
        [sys.executable, "-m", "sandbox", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"SANDBOX_CONTROL_KEY": CONTROL_KEY},
    )
    with process:
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


def _clock(url: str) -> dict[str, Any]:
    answer = httpx2.get(
        f"{url}/sandbox/clock", headers={"X-Sandbox-Key": CONTROL_KEY}, trust_env=False
    )
    return dict(answer.json())


def _token(sandbox: SandboxProcess) -> str:
    answer = httpx2.post(
        f"{sandbox.base_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("sandbox-client", "sandbox-secret"),
        trust_env=False,
    )
    return str(answer.json()["access_token"])
