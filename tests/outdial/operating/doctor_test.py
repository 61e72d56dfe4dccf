"""`outdial doctor` finds each fault, and says what to do about it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet

from outdial.machine.home import Home
from tests.outdial.serving import run, serving
from tests.support.sandbox import SandboxProcess
from tests.support.servers import create_database, drop_database, postgres_url

GOOD = ("database", "queue", "schema", "secret key", "clock of this machine")


@pytest.fixture
def environ(database_url: str, redis_url: str) -> dict[str, str]:
    """Good servers with an organization, and no Partner API yet."""
    made = {
        "OUTDIAL_DATABASE_URL": database_url,
        "OUTDIAL_REDIS_URL": redis_url,
        "OUTDIAL_SECRET_KEY": Fernet.generate_key().decode(),
    }
    assert run("init", **made).exit_code == 0
    return made


def connect(environ: dict[str, str], sandbox: SandboxProcess, key: str = "sandbox-key") -> None:
    """Keeps a Partner API's credentials."""
    partner = {"OUTDIAL_PARTNER_BASE_URL": sandbox.base_url, "OUTDIAL_PARTNER_API_KEY": key}
    assert run("init", **environ, **partner).exit_code == 0


def examine(**environ: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and the findings by part."""
    result = run("doctor", "--json", **environ)
    return result.exit_code, {found["part"]: found for found in json.loads(result.stdout)}


def fault(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The one part at fault."""
    (bad,) = [each for each in found.values() if not each["good"]]
    assert bad["remedy"]
    return bad


def test_a_good_set_up_has_no_fault(environ: dict[str, str]) -> None:
    with SandboxProcess() as sandbox:
        connect(environ, sandbox)
        code, found = examine(**environ)
    assert code == 0
    assert all(each["good"] for each in found.values())
    assert set(found) >= {*GOOD, "credentials", "agents", "clock of the upstream"}


def test_without_credentials_it_says_where_to_give_them(environ: dict[str, str]) -> None:
    code, found = examine(**environ)
    assert code == 1
    assert fault(found)["part"] == "credentials"
    assert "OUTDIAL_PARTNER_BASE_URL" in fault(found)["remedy"]


def test_credentials_that_are_refused_and_an_upstream_that_is_away(
    environ: dict[str, str],
) -> None:
    with SandboxProcess() as sandbox:
        connect(environ, sandbox, key="wrong-key")
        assert "enter it again" in fault(examine(**environ)[1])["remedy"]
        connect(environ, sandbox)
        other = {**environ, "OUTDIAL_SECRET_KEY": Fernet.generate_key().decode()}
        assert "another OUTDIAL_SECRET_KEY" in fault(examine(**other)[1])["detail"]
    found = examine(**environ)[1]
    assert fault(found)["part"] == "credentials"
    assert "can be reached" in fault(found)["remedy"]


@pytest.mark.parametrize(
    ("agent", "change", "said"),
    [
        ("agent_demo", {"onDuty": False}, "is off duty"),
        ("agent_draft", {}, "is not deployed"),
        ("agent_inbound", {}, "is of type INBOUND"),
        ("agent_nobody", {}, "not_found"),
        ("..", {}, "invalid_request"),
    ],
)
def test_an_agent_that_cannot_dial(
    environ: dict[str, str], tmp_path: Path, agent: str, change: dict[str, Any], said: str
) -> None:
    with SandboxProcess() as sandbox:
        connect(environ, sandbox)
        if change:
            sandbox.set_agent(agent, **change)
        with serving(
            database_url=environ["OUTDIAL_DATABASE_URL"],
            redis_url=environ["OUTDIAL_REDIS_URL"],
            home=tmp_path,
            secret_key=environ["OUTDIAL_SECRET_KEY"],
        ) as running:
            plan = ("--business", "biz_demo", "--agent", agent)
            assert running.run("campaigns", "create", "x", *plan).exit_code == 0
            code, found = examine(**environ)
            assert code == 0
            draft = found[f"agent {agent}"]["detail"]
            assert said in draft
            assert "no running or paused campaign uses it" in draft
            assert running.run("campaigns", "start", "x").exit_code == 0
        bad = fault(examine(**environ)[1])
    assert bad["part"] == f"agent {agent}"
    assert said in bad["detail"]
    assert "address" not in bad["remedy"]


def test_servers_that_do_not_answer() -> None:
    code, found = examine(
        OUTDIAL_DATABASE_URL="postgresql+asyncpg://outdial:a-secret@127.0.0.1:1/outdial",
        OUTDIAL_REDIS_URL="redis://:a-secret@127.0.0.1:1/0",
        OUTDIAL_SECRET_KEY=Fernet.generate_key().decode(),
    )
    assert code == 1
    assert {part for part, each in found.items() if not each["good"]} == {"database", "queue"}
    assert "a-secret" not in json.dumps(found)


def test_a_stale_schema(redis_url: str) -> None:
    name = f"stale_{uuid4().hex}"
    url = create_database(postgres_url(), name)
    try:
        key = Fernet.generate_key().decode()
        found = examine(
            OUTDIAL_DATABASE_URL=url, OUTDIAL_REDIS_URL=redis_url, OUTDIAL_SECRET_KEY=key
        )[1]
    finally:
        drop_database(postgres_url(), name)
    assert fault(found) == {
        "part": "schema",
        "good": False,
        "detail": "is not this program's",
        "remedy": "run `outdial migrate`",
    }


@pytest.mark.parametrize(("key", "said"), [(None, "there is none"), ("short", "is not 32 bytes")])
def test_a_secret_key_that_is_none(key: str | None, said: str) -> None:
    environ = {} if key is None else {"OUTDIAL_SECRET_KEY": key}
    code, found = examine(**environ)
    assert code == 1
    assert said in found["secret key"]["detail"]
    assert "no address is known" in found["database"]["detail"]


def test_files_that_others_can_read(tmp_path: Path) -> None:
    home = Home(tmp_path / ".outdial")
    home.secret_key()
    assert examine(OUTDIAL_HOME=str(home.path))[1]["data folder"]["good"]
    (home.path / "secret.key").chmod(0o644)
    found = examine(OUTDIAL_HOME=str(home.path))[1]["data folder"]
    assert not found["good"]
    assert found["remedy"] == f"chmod 600 {home.path / 'secret.key'}"
    home.path.chmod(0o755)
    assert examine(OUTDIAL_HOME=str(home.path))[1]["data folder"]["remedy"].startswith("chmod go")


def test_people_get_a_table(environ: dict[str, str]) -> None:
    result = run("doctor", **environ)
    assert result.exit_code == 1
    for text in ("fault", "ok", "remedy", "credentials", "PUT /v1/partner"):
        assert text in result.stdout
