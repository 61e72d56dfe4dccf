"""`outdial login` prints a link that opens the pages and holds no key."""

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
from sqlalchemy.ext.asyncio import create_async_engine

from dialer.clock import wall
from outdial.machine.home import Home, Runtime
from outdial.speaking.login import link
from service.pages.session import read_login_token
from tests.outdial.serving import Serving, run

ORGANIZATION = "0192f0c1-7a3e-7c52-9d1b-3f5a2f8e4b10"


def test_a_link_opens_the_organization(tmp_path: Path) -> None:
    home = Home(tmp_path / ".outdial")
    home.save(
        Runtime(
            addresses={"api": "http://127.0.0.1:8000"},
            api_key="odk_secret",
            organization_id=ORGANIZATION,
        )
    )
    result = run("login", "--home", str(home.path))
    assert result.exit_code == 0
    assert "odk_secret" not in result.stdout
    token = parse_qs(urlsplit(result.stdout.strip()).query)["token"][0]
    assert read_login_token(home.secret_key(), token, wall()) == UUID(ORGANIZATION)
    other = run("login", "--home", str(home.path), OUTDIAL_SECRET_KEY="another")
    token = parse_qs(urlsplit(other.stdout.strip()).query)["token"][0]
    assert read_login_token("another", token, wall()) == UUID(ORGANIZATION)


def test_before_the_first_start_there_is_nothing_to_open(tmp_path: Path) -> None:
    missing = run("login", "--home", str(tmp_path / "none"))
    assert (missing.exit_code, "does not exist" in missing.stderr) == (1, True)
    empty = run("login", "--home", str(Home(tmp_path / ".outdial").path))
    assert (empty.exit_code, "run `outdial up`" in empty.stderr) == (1, True)


async def organization_of(url: str) -> str:
    """The id of the first organization of a database."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            found = await connection.exec_driver_sql("SELECT id FROM organizations")
            return str(found.scalar_one())
    finally:
        await engine.dispose()


def test_the_service_takes_the_link(service: Serving) -> None:
    organization = asyncio.run(organization_of(service.environ["OUTDIAL_DATABASE_URL"]))
    runtime = Runtime(addresses={"api": service.target.url}, organization_id=organization)
    found = link(runtime, service.environ["OUTDIAL_SECRET_KEY"])
    assert found is not None
    with httpx2.Client(trust_env=False, follow_redirects=True, timeout=30) as browser:
        assert browser.get(found).status_code == 200
        page = browser.get(service.target.url + "/")
    assert page.status_code == 200
    assert urlsplit(str(page.url)).path == "/"
