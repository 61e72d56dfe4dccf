"""Servers of one's own are asked before anything starts, and each fault names its variable."""

from pathlib import Path

import pytest

from outdial.speaking.speech import CommandError
from outdial.tree import addresses
from tests.outdial.serving import run

AWAY = "postgres://outdial:a-secret@127.0.0.1:1/outdial"
QUEUE_AWAY = "redis://:a-secret@127.0.0.1:1/0"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"OUTDIAL_DATABASE_URL": "mysql://u:a-secret@h/d"}, "OUTDIAL_DATABASE_URL: write it as"),
        ({"OUTDIAL_REDIS_URL": "http://a-secret@h"}, "OUTDIAL_REDIS_URL: write it as redis://"),
        ({"OUTDIAL_PARTNER_BASE_URL": "ftp://x"}, "OUTDIAL_PARTNER_BASE_URL: write it as https"),
        ({"OUTDIAL_PARTNER_BASE_URL": "http://partner.example.com"}, "http:// only to"),
        ({"OUTDIAL_PARTNER_BASE_URL": "https://u:a-secret@example.com"}, "no user or password"),
        ({"OUTDIAL_PARTNER_BASE_URL": "https://[::1"}, "OUTDIAL_PARTNER_BASE_URL"),
    ],
)
@pytest.mark.parametrize("command", ["up", "init", "serve", "work"])
def test_an_address_that_can_be_none_is_told_before_anything_starts(
    tmp_path: Path, command: str, environ: dict[str, str], said: str
) -> None:
    home = tmp_path / ".outdial"
    result = run(command, OUTDIAL_HOME=str(home), **environ)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "a-secret" not in result.output
    assert result.stderr.count("\n") == 1
    assert not home.exists()


@pytest.mark.parametrize(
    "given",
    ["https://partner.example.com/v1", "http://127.0.0.1:8001/v1", "http://localhost/v1"],
)
def test_a_good_address_of_a_partner_is_none_to_complain_of(given: str) -> None:
    addresses.check({"OUTDIAL_PARTNER_BASE_URL": given})


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"OUTDIAL_DATABASE_URL": AWAY}, "OUTDIAL_DATABASE_URL"),
        ({"OUTDIAL_REDIS_URL": QUEUE_AWAY}, "OUTDIAL_REDIS_URL"),
        ({"OUTDIAL_REDIS_URL": QUEUE_AWAY.replace("redis", "rediss", 1)}, "OUTDIAL_REDIS_URL"),
    ],
)
def test_up_refuses_servers_that_do_not_answer(
    tmp_path: Path, environ: dict[str, str], name: str
) -> None:
    home = tmp_path / ".outdial"
    result = run("up", OUTDIAL_HOME=str(home), **environ)
    assert result.exit_code == 1
    assert f"{name}: 127.0.0.1:1 does not answer (Connection refused)" in result.stderr
    assert f"unset {name}" in result.stderr
    assert "sqlalche" not in result.output
    assert "a-secret" not in result.output
    assert not home.exists()


def test_one_port_given_twice_is_told(tmp_path: Path) -> None:
    home = str(tmp_path / ".outdial")
    result = run("up", "--port", "8001", "--sandbox-port", "8001", "--home", home)
    assert (result.exit_code, "are both 8001" in result.stderr) == (2, True)


@pytest.mark.asyncio
async def test_servers_that_answer_are_found_good(database_url: str, redis_url: str) -> None:
    plain = database_url.replace("postgresql+asyncpg", "postgres")
    await addresses.ask({"OUTDIAL_DATABASE_URL": plain, "OUTDIAL_REDIS_URL": redis_url})
    await addresses.ask({})


@pytest.mark.asyncio
async def test_what_a_server_says_is_repeated(database_url: str, redis_url: str) -> None:
    with pytest.raises(CommandError, match=r"refuses the connection \(.*does not exist"):
        await addresses.ask({"OUTDIAL_DATABASE_URL": f"{database_url}_missing"})
    scheme, _, rest = redis_url.partition("://")
    wrong = f"{scheme}://:not-the-password@{rest.rpartition('@')[2]}"
    with pytest.raises(CommandError, match=r"OUTDIAL_REDIS_URL: .* refuses the password"):
        await addresses.ask({"OUTDIAL_REDIS_URL": wrong})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+asyncpg://u:a-secret@db.example.com/outdial", "db.example.com:5432"),
        ("redis://:a-secret@[::1]:7000/0", "[::1]:7000"),
        ("rediss://queue.example.com", "queue.example.com:6379"),
        ("unix:///run/valkey.sock", "/run/valkey.sock"),
    ],
)
def test_a_place_holds_no_secret(url: str, shown: str) -> None:
    assert addresses.place(url) == shown
