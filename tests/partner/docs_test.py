"""The page about the client says what the code does."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from partner import PartnerClient, Timeouts
from partner.errors import NotSentCode, RefusedCode, UnknownCode
from tests.partner.clients import PLACED, SECRET
from tests.support.raw_server import RawServer, answer, in_turn

PAGE = (Path(__file__).parents[2] / "docs" / "partner-client.md").read_text("utf-8")


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
    documented = set(re.findall(r"^\| `(\w+)` \| `(?:GET|POST|PATCH) ", PAGE, re.MULTILINE))
    public = {name for name in dir(PartnerClient) if not name.startswith("_")} - {"aclose"}
    assert documented == public


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(200, PLACED), "call-1 is one of 7 calls"),
        (answer(400, {"message": "off duty"}), "did not ring: bad_request, off duty"),
        (answer(500, {}), "may be ringing, never call again: server_error, look for None"),
    ],
)
async def test_the_example_runs(reply: bytes, words: str) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    names: dict[str, object] = {}
    exec(found.group(1), names)  # noqa: S102 - the page's own example
    ring = names["ring"]
    assert callable(ring)
    token = answer(200, {"access_token": "token-1"})
    page = answer(200, {"items": [], "total": 7})
    async with RawServer(in_turn(token, reply, page)) as server:
        assert await ring(server.base_url, "client", SECRET) == words
