"""Single programs and first steps on servers that somebody else keeps."""

import json
import os
import signal
import socket
import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2
import pytest
from cryptography.fernet import Fernet

from tests.outdial.host import CHECKOUT
from tests.outdial.serving import COMMAND, PATIENCE, run
from tests.support.servers import create_database, drop_database, postgres_url


@pytest.fixture
def environ(redis_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of servers of one's own; the database is empty."""
    name = f"production_{os.getpid()}_{tmp_path.name}".lower()
    return {
        "OUTDIAL_DATABASE_URL": create_database(postgres_url(), name),
        "OUTDIAL_REDIS_URL": redis_url,
        "OUTDIAL_SECRET_KEY": Fernet.generate_key().decode(),
        "OUTDIAL_HOME": str(tmp_path),
        "NAME": name,
    }


@pytest.fixture(autouse=True)
def _dropped(environ: dict[str, str]) -> object:
    yield
    drop_database(postgres_url(), environ["NAME"])


def test_init_migrates_and_shows_a_key_once(environ: dict[str, str]) -> None:
    first = json.loads(run("init", "--json", **environ).stdout)
    assert first["api_key"].startswith("odk_")
    assert first["partner_base_url"] is None
    second = json.loads(run("init", "--json", **environ).stdout)
    assert second == {**first, "api_key": None}
    third = json.loads(run("init", "--json", "--new-key", **environ).stdout)
    assert third["api_key"] not in {None, first["api_key"]}
    shown = run("init", **environ).stdout
    assert f"organization_id: {first['organization_id']}" in shown
    assert "api_key: -" in shown


def test_migrate_may_be_run_again(environ: dict[str, str]) -> None:
    assert run("migrate", **environ).stdout == "The schema is current.\n"
    assert run("migrate", **environ).exit_code == 0


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_other_ways_to_write_the_address_are_read(environ: dict[str, str], scheme: str) -> None:
    plain = environ["OUTDIAL_DATABASE_URL"].replace("postgresql+asyncpg", scheme)
    result = run("init", **{**environ, "OUTDIAL_DATABASE_URL": plain})
    assert (result.exit_code, "api_key: odk_" in result.stdout) == (0, True)


@pytest.mark.parametrize("command", ["init", "migrate"])
def test_a_missing_setting_is_named(command: str) -> None:
    result = run(command)
    assert (result.exit_code, "OUTDIAL_DATABASE_URL is not set" in result.stderr) == (2, True)


def test_a_database_that_does_not_answer_is_told() -> None:
    url = "postgresql+asyncpg://outdial:a-secret@127.0.0.1:1/outdial"
    result = run("migrate", OUTDIAL_DATABASE_URL=url)
    assert result.exit_code == 1
    assert "OUTDIAL_DATABASE_URL: 127.0.0.1:1 does not answer" in result.stderr
    assert "a-secret" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "probe"),
    [
        (("serve", "--port", "0"), "/healthz"),
        (("work",), None),
        (("sandbox", "--port", "0"), "/sandbox/health"),
    ],
)
def test_a_program_runs_alone_until_a_signal(
    environ: dict[str, str], arguments: tuple[str, ...], probe: str | None
) -> None:
    run("init", **environ)
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["event"] == "ready"
        if probe is not None:
            assert httpx2.get(said["url"] + probe, trust_env=False, timeout=30).is_success
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_the_sandbox_wants_a_port_that_can_be_remembered() -> None:
    with ExitStack() as held:
        with suppress(OSError):  # somebody else holds it: just as good
            held.enter_context(socket.create_server(("127.0.0.1", 8700)))
        ended = subprocess.run(  # noqa: S603 - our own program
            [*COMMAND, "sandbox"], capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 2
    said = " ".join(ended.stderr.replace("│", " ").split())
    assert "port 8700 is in use; choose another with --port" in said


def test_their_help_is_their_own() -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, "sandbox", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "--clock-start" in ended.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("--clock-start", "foo"), ("--port", "x")])
def test_the_sandbox_speaks_of_itself_as_it_was_started(arguments: tuple[str, ...]) -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, "sandbox", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    told = ended.stdout + ended.stderr
    assert "Usage: outdial sandbox [OPTIONS]" in told
    assert "isoformat" not in told
    assert ("2026-01-05T09:30:00Z" in told) is ("foo" in arguments)
