"""The page about the client says what the code does."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from partner import SCOPES, ClientCredentials, PartnerClient, Timeouts
from partner.errors import NotSentCode, RefusedCode, UnknownCode
from partner.upload import TEXT_TYPES
from tests.partner.clients import PLACED, SECRET, client_for
from tests.partner.endpoints import CASES
from tests.partner.page import EXAMPLES, PAGE
from tests.support.raw_server import RawServer, answer, in_turn


def test_every_code_stands_on_the_page() -> None:
    documented = re.findall(r"^\| `(\w+)` \| (NotSent|Refused|Unknown) \| \S", PAGE, re.MULTILINE)
    known = {"NotSent": NotSentCode, "Refused": RefusedCode, "Unknown": UnknownCode}
    assert documented == [
        (code, error) for error, codes in known.items() for code in get_args(codes)
    ]


def test_every_time_out_stands_on_the_page() -> None:
    documented = re.findall(r"^\| `(\w+)` \| ([0-9.]+) \| \S", PAGE, re.MULTILINE)
    assert [(name, float(default)) for name, default in documented] == list(
        dataclasses.asdict(Timeouts()).items()
    )


def test_every_method_stands_on_the_page() -> None:
    tables = PAGE.split("\n## Methods\n")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| \S.* \|.*\|$", tables, re.MULTILINE)
    public = {
        name
        for name in dir(PartnerClient)
        if not name.startswith("_") and callable(getattr(PartnerClient, name))
    } - {"aclose"}
    assert len(documented) == len(public)
    assert set(documented) == public


def test_the_page_names_the_scope_of_each_method() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([A-Z]+) (\S+)` \| ([a-z:-]+) \|$", PAGE, re.MULTILINE)
    named = {"biz": ":businessId", "a": ":voiceAgentId", "v": ":voiceId", "t": ":toolId"}
    named |= {"f": ":fileId", "c": ":callId"}
    assert rows == [
        (
            case.name,
            case.method,
            "/".join(named.get(part, part) for part in case.path.split("/")),
            case.scope,
        )
        for case in CASES
    ]


def test_every_type_that_can_be_uploaded_stands_on_the_page() -> None:
    (told,) = re.findall(r"by extension: ([a-z, ]+)\.", PAGE)
    assert told.split(", ") == sorted(extension.removeprefix(".") for extension in TEXT_TYPES)


def test_every_example_is_run_here() -> None:
    assert set(EXAMPLES) == {
        "agents_by_type",
        "from_nothing_to_a_call",
        "missing_scopes",
        "ring",
        "teach",
    }


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(200, PLACED), "call-1 is one of 7 calls"),
        (answer(400, {"message": "off duty"}), "did not ring: bad_request, off duty"),
        (answer(500, {}), "may be ringing, never call again: server_error, look for None"),
    ],
)
async def test_a_ring_and_its_three_ends(reply: bytes, words: str) -> None:
    token = answer(200, {"access_token": "token-1"})
    page = answer(200, {"items": [], "total": 7})
    async with RawServer(in_turn(token, reply, page)) as server:
        assert await EXAMPLES["ring"](server.base_url, "client", SECRET) == words


@pytest.mark.asyncio
async def test_the_example_of_a_walk() -> None:
    page = {"items": [{"id": "a", "type": "INBOUND"}, {"id": "b"}], "total": 2}
    short = {"items": [{"id": "a"}, {}], "total": 2}
    script = in_turn(answer(200, page), answer(200, short))
    async with RawServer(script) as server, client_for(server) as client:
        found = await EXAMPLES["agents_by_type"](client, "biz")
        with pytest.raises(RuntimeError, match="1 of 2 agents"):
            await EXAMPLES["agents_by_type"](client, "biz")
    assert found == {"INBOUND": ["a"], None: ["b"]}


@pytest.mark.asyncio
async def test_the_example_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prices.md"
    path.write_text("# Prices", "utf-8")
    stored = {"id": "file-1", "name": "prices.md", "status": "processing"}
    script = in_turn(
        answer(201, stored),
        answer(200, stored | {"status": "ready"}),
        answer(201, stored),
        answer(200, stored | {"status": "failed"}),
    )
    async with RawServer(script) as server, client_for(server) as client:
        ends = [await EXAMPLES["teach"](client, "biz", path) for _ in range(2)]
        ends.append(await EXAMPLES["teach"](client, "biz", tmp_path / "none.md"))
    assert ends == ["file-1", "of no use: prices.md", "not sent: file_missing"]
    assert capsys.readouterr().out.splitlines() == ["100 %", "ready", "100 %", "failed"]


@pytest.mark.asyncio
async def test_the_example_of_scopes() -> None:
    grant = answer(200, {"access_token": "token-1", "scope": "calls:read"})
    credentials = ClientCredentials("client", SECRET)
    async with (
        RawServer(in_turn(grant)) as server,
        client_for(server, credentials=credentials) as client,
    ):
        missing = await EXAMPLES["missing_scopes"](client, "biz")
    assert missing == set(SCOPES) - {"calls:read"}
    async with RawServer(in_turn(answer(403, {}))) as server, client_for(server) as client:
        assert await EXAMPLES["missing_scopes"](client, "biz") == set(SCOPES)
