"""Uploads leave once and whole or not at all; a file is waited for until it is ready."""

import asyncio
import gc
import os
import tracemalloc
from pathlib import Path

import pytest

from partner import (
    ClientCredentials,
    FileFailed,
    FileNotReady,
    KnowledgeFile,
    NotSent,
    PartnerError,
    Refused,
    UnfitFile,
    Unknown,
    Upload,
)
from tests.partner.clients import SECRET, client_for
from tests.support.raw_server import Peer, RawServer, answer, drop, hang, in_turn

PROCESSING = {
    "id": "file-1",
    "name": "prices.md",
    "mimeType": "text/markdown",
    "sizeBytes": 9,
    "businessId": "biz",
    "status": "processing",
}
STORED = answer(201, PROCESSING)
READY = answer(200, PROCESSING | {"status": "ready"})
MIB = 1024 * 1024


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "prices.md"
    path.write_bytes(b"# Prices\n")
    return path


async def head_of(peer: Peer) -> int:
    """Read the head of an upload; the length that it promises."""
    head = await peer.reader.readuntil(b"\r\n\r\n")
    _, _, rest = head.decode().lower().partition("content-length: ")
    return int(rest.split("\r\n", 1)[0])


@pytest.mark.asyncio
async def test_an_upload_is_a_form_with_the_file(note: Path) -> None:
    progress: list[tuple[int, int]] = []
    async with RawServer(in_turn(STORED)) as server, client_for(server) as client:
        file = await client.upload_file(
            "biz", note, on_progress=lambda sent, total: progress.append((sent, total))
        )
    (seen,) = server.requests
    assert "transfer-encoding" not in seen.headers
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=form-")
    assert b'name="file"; filename="prices.md"\r\nContent-Type: text/markdown' in seen.body
    assert b"\r\n\r\n# Prices\n\r\n--form-" in seen.body
    assert (file.id, file.status, file.ready, file.failed) == (
        "file-1",
        "processing",
        False,
        False,
    )
    assert progress == [(9, 9)]


@pytest.mark.asyncio
async def test_an_unfit_file_never_leaves(tmp_path: Path) -> None:
    async with RawServer(in_turn(STORED)) as server, client_for(server) as client:
        with pytest.raises(UnfitFile, match="file_missing"):
            await client.upload_file("biz", tmp_path / "none.txt")
        (tmp_path / "a.txt").write_bytes(b"12345")
        with pytest.raises(NotSent, match="file_too_large"):
            await client.upload_file("biz", Upload(path=tmp_path / "a.txt", limit_bytes=4))
    assert server.connections == 0


@pytest.mark.asyncio
async def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    os.truncate(path, 24 * MIB)

    async def drain(peer: Peer) -> None:
        left = await head_of(peer)
        while left > 0:
            left -= len(await peer.reader.read(65_536))
        assert left == 0
        await peer.send(STORED)

    async with RawServer(drain) as server, client_for(server) as client:
        tracemalloc.start()
        try:
            await client.upload_file("biz", path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 8 * MIB


@pytest.mark.asyncio
async def test_a_refused_token_is_renewed_and_the_file_sent_anew(note: Path) -> None:
    grants = [answer(200, {"access_token": f"token-{n}"}) for n in (1, 2)]
    script = in_turn(grants[0], answer(401, {}), grants[1], STORED)
    credentials = ClientCredentials("client", SECRET)
    progress: list[int] = []
    async with RawServer(script) as server, client_for(server, credentials=credentials) as client:
        await client.upload_file("biz", note, on_progress=lambda sent, _: progress.append(sent))
    assert [b"# Prices\n" in seen.body for seen in server.requests] == [False, True, False, True]
    assert server.requests[-1].headers["authorization"] == "Bearer token-2"
    assert progress == [9, 9]


@pytest.mark.asyncio
async def test_a_refusal_before_the_body_was_taken_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    os.truncate(path, 24 * MIB)

    async def too_large(peer: Peer) -> None:
        await head_of(peer)
        await peer.send(answer(413, {"message": "too large"}, {"Connection": "close"}))
        await peer.hang()

    async with RawServer(too_large) as server, client_for(server) as client:
        with pytest.raises(Refused, match="too large") as caught:
            await client.upload_file("biz", path)
    assert (caught.value.code, caught.value.status) == ("rejected", 413)


@pytest.mark.asyncio
async def test_a_file_that_changes_while_it_is_sent_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"x" * MIB)
    whole: list[bool] = []

    async def listen(peer: Peer) -> None:
        left = await head_of(peer)
        while left > 0 and (piece := await peer.reader.read(65_536)):
            left -= len(piece)
        whole.append(left == 0)
        server.arrived.set()

    def grow(_sent: int, _total: int) -> None:
        os.truncate(path, 2 * MIB)

    async with RawServer(listen) as server, client_for(server) as client:
        with pytest.raises(Unknown, match="file_changed"):
            await client.upload_file("biz", path, on_progress=grow)
        await server.arrived.wait()
    assert whole == [False]


@pytest.mark.asyncio
async def test_what_progress_raises_ends_the_upload(note: Path) -> None:
    class EnoughError(Exception):
        pass

    def enough(_sent: int, _total: int) -> None:
        raise EnoughError

    async with RawServer(in_turn(STORED)) as server, client_for(server) as client:
        with pytest.raises(EnoughError):
            await client.upload_file("biz", note, on_progress=enough)
    assert server.requests == []


@pytest.mark.asyncio
async def test_an_upload_has_a_limit_of_its_own(note: Path) -> None:
    async with (
        RawServer(in_turn(hang)) as server,
        client_for(server, total=10, upload_total=0.2) as client,
    ):
        with pytest.raises(Unknown, match="timeout"):
            await client.upload_file("biz", note)
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_an_upload_that_is_cancelled_leaves_nothing_open(note: Path) -> None:
    async with RawServer(in_turn(hang)) as server, client_for(server) as client:
        upload = asyncio.create_task(client.upload_file("biz", note))
        await server.arrived.wait()
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
    del upload
    # An open file would end as a warning here, and so as a failure.
    gc.collect()
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_waiting_ends_when_the_file_is_ready() -> None:
    seen: list[str | None] = []
    script = in_turn(answer(200, PROCESSING), answer(200, PROCESSING | {"status": "new"}), READY)
    async with RawServer(script) as server, client_for(server) as client:
        file = await client.wait_for_file(
            "biz", "file-1", timeout=30, on_status=lambda file: seen.append(file.status)
        )
    assert file.ready
    assert seen == ["processing", "new", "ready"]
    assert server.requests[0].target.endswith("/businesses/biz/files/file-1")


@pytest.mark.asyncio
async def test_waiting_ends_when_the_file_failed() -> None:
    failed = answer(200, PROCESSING | {"status": "failed"})
    seen: list[KnowledgeFile] = []
    async with RawServer(in_turn(failed)) as server, client_for(server) as client:
        with pytest.raises(FileFailed, match=r"file_failed: .*file-1") as caught:
            await client.wait_for_file("biz", "file-1", timeout=30, on_status=seen.append)
    assert [caught.value.file] == seen
    assert caught.value.code == "file_failed"


@pytest.mark.asyncio
async def test_what_on_status_raises_reaches_the_caller() -> None:
    def raises(_file: KnowledgeFile) -> None:
        raise TimeoutError("of its own")

    async with RawServer(in_turn(READY)) as server, client_for(server) as client:
        with pytest.raises(TimeoutError, match="of its own"):
            await client.wait_for_file("biz", "file-1", timeout=30, on_status=raises)


@pytest.mark.asyncio
async def test_waiting_ends_in_time() -> None:
    async with (
        RawServer(in_turn(answer(200, PROCESSING))) as server,
        client_for(server) as client,
    ):
        with pytest.raises(FileNotReady, match=r"within 0\.3 s") as caught:
            await client.wait_for_file("biz", "file-1", timeout=0.3)
    assert caught.value.file is not None
    assert caught.value.file.status == "processing"
    assert len(server.requests) == 1


@pytest.mark.asyncio
async def test_waiting_for_silence_ends_in_time_too() -> None:
    async with RawServer(in_turn(hang)) as server, client_for(server) as client:
        with pytest.raises(FileNotReady) as caught:
            await client.wait_for_file("biz", "file-1", timeout=0.3)
    assert caught.value.file is None


@pytest.mark.asyncio
async def test_waiting_outlasts_what_may_pass() -> None:
    script = in_turn(drop, drop, drop, answer(429, {}, {"Retry-After": "0"}), READY)
    async with RawServer(script) as server, client_for(server) as client:
        assert (await client.wait_for_file("biz", "file-1", timeout=30)).ready
    assert len(server.requests) == 5


@pytest.mark.asyncio
async def test_a_rest_that_the_upstream_asks_for_is_kept() -> None:
    script = in_turn(answer(429, {}, {"Retry-After": "60"}), READY)
    async with RawServer(script) as server, client_for(server) as client:
        with pytest.raises(FileNotReady) as caught:
            await client.wait_for_file("biz", "file-1", timeout=1.5)
    assert len(server.requests) == 1
    assert isinstance(caught.value.__cause__, Refused)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer(404, {}), "not_found"),
        (answer(403, {}), "forbidden"),
        (answer(200, b"<html>"), "unreadable_body"),
    ],
)
async def test_waiting_ends_at_what_will_not_pass(reply: bytes, code: str) -> None:
    script = in_turn(answer(200, PROCESSING), reply)
    async with RawServer(script) as server, client_for(server) as client:
        with pytest.raises(PartnerError) as caught:
            await client.wait_for_file("biz", "file-1", timeout=30)
    assert caught.value.code == code
    assert len(server.requests) == 2
