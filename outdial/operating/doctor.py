"""The command `outdial doctor`: what is wrong with a set-up, and what to do about it."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import typer
from cryptography.fernet import Fernet
from rich.text import Text

from dialer.settings import Settings
from outdial.machine.files import read_small
from outdial.machine.home import Runtime
from outdial.operating import checks
from outdial.operating.checks import Finding, bad, good
from outdial.speaking.client import JsonOption, runtime
from outdial.speaking.login import HomeOption
from outdial.speaking.speech import Exit, out, table, write_json
from outdial.tree import contexts


def doctor(*, json: JsonOption = False, home: HomeOption = Path(".outdial")) -> None:
    """Examine database, queue, credentials, agents, clocks, folder and secret key.

    It looks where OUTDIAL_DATABASE_URL and its like point, else at the `outdial up` of the folder.
    Exit code 1 where anything is at fault.
    """
    found = _examine(os.environ, home)
    if json:
        write_json([checks.as_dict(finding) for finding in found])
    else:
        rows = [(_mark(each), each.part, each.detail, each.remedy) for each in found]
        out().print(table(("", "part", "found", "remedy"), rows))
    raise typer.Exit(Exit.DONE if all(each.good for each in found) else Exit.FAILED)


def _examine(environ: Mapping[str, str], home: Path) -> list[Finding]:
    found: list[Finding] = []
    if home.is_dir():
        found += checks.examine_folder(home)
    kept = runtime(home)
    secret_key = environ.get("OUTDIAL_SECRET_KEY") or _kept_key(home)
    found.append(_secret_key(secret_key))
    told = _settings(environ, kept, secret_key)
    if told is None:
        remedy = "run `outdial up` here, or set OUTDIAL_DATABASE_URL and OUTDIAL_REDIS_URL"
        return [*found, bad("database", "no address is known", remedy)]
    return [*found, *asyncio.run(_examine_servers(told))]


async def _examine_servers(told: Settings) -> list[Finding]:
    async with contexts.opened(told) as context:
        return [finding async for finding in checks.examine(context)]


def _settings(environ: Mapping[str, str], kept: Runtime, secret_key: str) -> Settings | None:
    database_url = environ.get("OUTDIAL_DATABASE_URL") or kept.database_url
    redis_url = environ.get("OUTDIAL_REDIS_URL") or kept.redis_url
    if not (database_url and redis_url):
        return None
    # Without a good key the rest can be examined still; it opens nothing.
    usable = secret_key if _secret_key(secret_key).good else Fernet.generate_key().decode()
    return contexts.settings(database_url=database_url, redis_url=redis_url, secret_key=usable)


def _kept_key(home: Path) -> str:
    file = home / "secret.key"
    try:
        return read_small(file).strip()
    except OSError:
        return ""


def _secret_key(key: str) -> Finding:
    if not key:
        remedy = "run `outdial up`, which makes one, or set OUTDIAL_SECRET_KEY"
        return bad("secret key", "there is none", remedy)
    try:
        Fernet(key)
    except ValueError:
        remedy = "set OUTDIAL_SECRET_KEY to 32 random bytes in URL-safe base64"
        return bad("secret key", "is not 32 bytes in URL-safe base64", remedy)
    return good("secret key", "is well formed")


def _mark(finding: Finding) -> Text:
    return Text("ok", style="green") if finding.good else Text("fault", style="red")
