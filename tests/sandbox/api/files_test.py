"""Knowledge-base files: upload, status by the virtual clock, list, delete."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.sandbox.documents import samples
from tests.sandbox.workshop import Workshop
from tests.sandbox.worlds import Tenant, client, place, until
from tests.support.sandbox import SandboxProcess

RINGS = 5
PRICES = b"A visit is 80 dollars. Sundays are double."
SOUND = {
    "catalog.pdf": samples.pdf("A visit is 80 dollars."),
    "terms.docx": samples.docx("A visit is 80 dollars."),
    "prices.txt": PRICES,
    "prices.MD": PRICES,
    "prices.csv": b"visit,80\n",
    "prices.html": b"<p>A visit is 80 dollars.",
    "prices.json": b'{"visit": 80}',
    "prices.xml": b"<visit>80</visit>",
    "prices.yaml": b"visit: 80\n",
}
UNREADABLE = {
    "blank.txt": b" \n\t\n",
    "broken.pdf": samples.pdf("A visit is 80 dollars.")[:120],
    "picture.pdf": samples.pdf_of(b"0 0 100 100 re f"),
    "locked.pdf": samples.locked_pdf(),
    "broken.docx": samples.docx("A visit is 80 dollars.")[:60],
    "bomb.docx": samples.docx_bomb(),
    "entities.docx": samples.docx_of(samples.document("", before="<!DOCTYPE x>")),
}


@pytest.fixture
def still(frozen: SandboxProcess) -> Iterator[Workshop]:
    """A business of its own where no time passes to speak of."""
    tenant = Tenant(frozen)
    with client(frozen, tenant.key) as api:
        yield Workshop(sandbox=frozen, tenant=tenant, api=api)


def upload(
    workshop: Workshop, content: bytes = PRICES, name: str = "prices.md", sent_as: str = ""
) -> httpx2.Response:
    """Upload a file."""
    file = (name, content, sent_as) if sent_as else (name, content)
    # A hostile file is given up on after seconds of work; a busy machine makes more of them.
    return workshop.api.post(workshop.files, files={"file": file}, timeout=60)


def upload_raw(workshop: Workshop, content: bytes, sent: threading.Event) -> httpx2.Response:
    """Upload a PDF; ``sent`` is set when all of it has been handed to the network."""
    head = b'--X\r\nContent-Disposition: form-data; name="file"; filename="endless.pdf"\r\n\r\n'

    def pieces() -> Iterator[bytes]:
        yield head + content + b"\r\n--X--\r\n"
        sent.set()

    headers = {"Content-Type": "multipart/form-data; boundary=X"}
    return workshop.api.post(workshop.files, content=pieces(), headers=headers, timeout=60)


def made(workshop: Workshop, content: bytes = PRICES, name: str = "prices.md") -> dict[str, Any]:
    """Upload a file that must be taken."""
    answer = upload(workshop, content, name)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def settled(workshop: Workshop, file: dict[str, Any]) -> dict[str, Any]:
    """Read a file until its processing has ended, on a fast clock."""
    return until(
        lambda: dict(workshop.api.get(f"{workshop.files}/{file['id']}").json()),
        lambda shown: shown["status"] != "processing",
    )


def test_an_upload_is_answered_while_it_is_processed(still: Workshop) -> None:
    file = made(still)
    assert set(file) == {
        *("id", "name", "mimeType", "sizeBytes", "businessId"),
        *("status", "createdAt", "updatedAt"),
    }
    assert (file["name"], file["mimeType"]) == ("prices.md", "text/markdown")
    assert (file["sizeBytes"], file["status"]) == (len(PRICES), "processing")
    assert still.business.endswith(file["businessId"])
    assert file["createdAt"] == file["updatedAt"]
    assert still.api.get(f"{still.files}/{file['id']}").json() == file


def test_a_file_becomes_ready(workshop: Workshop) -> None:
    file = made(workshop)
    ready = settled(workshop, file)
    assert ready["status"] == "ready"
    assert ready["updatedAt"] > ready["createdAt"]
    unchanged = ("id", "name", "mimeType", "sizeBytes", "businessId", "createdAt")
    assert all(ready[field] == file[field] for field in unchanged)


@pytest.mark.parametrize("name", SOUND)
def test_the_guides_formats_become_ready(workshop: Workshop, name: str) -> None:
    assert settled(workshop, made(workshop, SOUND[name], name))["status"] == "ready"


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_without_readable_text_fails(workshop: Workshop, name: str) -> None:
    assert settled(workshop, made(workshop, UNREADABLE[name], name))["status"] == "failed"


def test_a_file_of_no_known_ending_is_taken_as_text(workshop: Workshop) -> None:
    assert upload(workshop, name="README", sent_as="text/plain").status_code == 201


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tool.exe", b"MZ\x90\x00"),
        ("photo.png", b"\x89PNG\r\n"),
        ("old.doc", b"\xd0\xcf\x11\xe0"),
        ("noending", PRICES),
        ("no.pdf", PRICES),
        ("no.docx", PRICES),
        ("no.txt", b"\x7fELF\x00\x01"),
        ("empty.txt", b""),
        ("..", PRICES),
        ("\x1b", PRICES),
    ],
)
def test_other_types_and_empty_files_are_400(
    workshop: Workshop, name: str, content: bytes
) -> None:
    answer = upload(workshop, content, name)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert workshop.api.get(workshop.files).json()["total"] == 0


def test_only_the_last_part_of_a_name_is_kept(workshop: Workshop) -> None:
    assert made(workshop, name="../../etc/prices.md")["name"] == "prices.md"
    assert made(workshop, name="C:\\shop\\prices.md")["name"] == "prices.md"
    assert made(workshop, name="preços\u202e.md")["name"] == "preços.md"
    assert len(made(workshop, name="x" * 400 + ".md")["name"]) == 255


def test_a_larger_file_takes_longer(still: Workshop, workshop: Workshop) -> None:
    large = made(still, b"a" * 20_971_520, "large.txt")
    assert large["status"] == "processing"
    file = settled(workshop, made(workshop, b"a" * 5_242_880, "large.txt"))
    assert file["status"] == "ready"
    small = settled(workshop, made(workshop))
    assert _lasted(file) == pytest.approx(7.0)
    assert _lasted(small) == pytest.approx(2.0, abs=0.002)


def test_files_are_listed_and_paged(workshop: Workshop) -> None:
    files = [made(workshop, name=f"{number}.md")["id"] for number in range(3)]
    first = workshop.api.get(workshop.files).json()
    assert [file["id"] for file in first["items"]] == files
    assert (first["total"], first["page"], first["page_size"]) == (3, 1, 10)
    second = workshop.api.get(workshop.files, params={"page": 2, "page_size": 2}).json()
    assert [file["id"] for file in second["items"]] == files[2:]
    assert workshop.api.get(workshop.files, params={"page_size": 101}).status_code == 400


def test_unknown_files_are_404(workshop: Workshop) -> None:
    for method in ("GET", "DELETE"):
        answer = workshop.api.request(method, f"{workshop.files}/file_nobody")
        assert (answer.status_code, answer.json()["error"]) == (404, "NOT_FOUND")


def test_a_deleted_file_is_gone(workshop: Workshop) -> None:
    path = f"{workshop.files}/{made(workshop)['id']}"
    answer = workshop.api.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert workshop.api.get(path).status_code == 404
    assert workshop.api.get(workshop.files).json()["total"] == 0


def test_a_file_in_use_can_not_be_deleted(workshop: Workshop) -> None:
    file = settled(workshop, made(workshop))
    path = f"{workshop.files}/{file['id']}"
    agent = workshop.agent(knowledgeBaseDocumentIds=[file["id"]])
    answer = workshop.api.delete(path)
    assert (answer.status_code, answer.json()["error"]) == (409, "CONFLICT")
    assert workshop.api.get(path).json() == file
    assert workshop.api.delete(f"{workshop.agents}/{agent['id']}").is_success
    assert workshop.api.delete(path).status_code == 204


def test_processing_can_be_made_to_fail(sandbox: SandboxProcess, workshop: Workshop) -> None:
    sandbox.fault("file_failed", count=1)
    assert settled(workshop, made(workshop))["status"] == "failed"
    assert settled(workshop, made(workshop))["status"] == "ready"


def test_processing_can_be_made_slow(sandbox: SandboxProcess, workshop: Workshop) -> None:
    sandbox.fault("file_slow", count=1, seconds=500)
    assert _lasted(settled(workshop, made(workshop))) == pytest.approx(502.0, abs=0.002)


@pytest.mark.parametrize("act", ["upload", "delete"])
def test_a_write_whose_answer_is_lost_was_carried_out(
    sandbox: SandboxProcess, workshop: Workshop, act: str
) -> None:
    file = made(workshop)
    sandbox.fault("lost_answer", route="files", count=1)
    acts: dict[str, Callable[[], object]] = {
        "upload": lambda: upload(workshop, name="second.md"),
        "delete": lambda: workshop.api.delete(f"{workshop.files}/{file['id']}"),
    }
    with pytest.raises(httpx2.RemoteProtocolError):
        acts[act]()
    kept = [item["name"] for item in workshop.api.get(workshop.files).json()["items"]]
    assert kept == {"upload": ["prices.md", "second.md"], "delete": []}[act]


def test_faults_strike_files(sandbox: SandboxProcess, workshop: Workshop) -> None:
    sandbox.fault("fail_before_ring", route="files", count=2)
    assert workshop.api.get(workshop.files).status_code == 500
    assert upload(workshop).status_code == 500
    assert workshop.api.get(workshop.files).json()["total"] == 0


def test_a_ring_does_not_wait_for_a_file(
    sandbox: SandboxProcess, api: httpx2.Client, workshop: Workshop
) -> None:
    sent = threading.Event()
    before = sandbox.stats()["rings"]
    with ThreadPoolExecutor(max_workers=1) as pool:
        slow = pool.submit(upload_raw, workshop, samples.endless_pdf(), sent)
        assert sent.wait(timeout=60)
        for _ in range(RINGS):
            place(api)
        # To give up on the file takes five seconds of work; had rings waited for that, the
        # upload would have been answered before the last of them.
        assert not slow.done()
    assert sandbox.stats()["rings"] == before + RINGS
    assert settled(workshop, dict(slow.result().json()))["status"] == "failed"


def test_another_organizations_files_are_404(sandbox: SandboxProcess, workshop: Workshop) -> None:
    file = made(workshop)
    tenant = Tenant(sandbox)
    with client(sandbox, tenant.key) as stranger:
        own = f"/businesses/{tenant.business}/files/{file['id']}"
        theirs = f"{workshop.files}/{file['id']}"
        answers = [
            stranger.get(workshop.files),
            stranger.post(workshop.files, files={"file": ("a.md", PRICES)}),
            *(stranger.get(path) for path in (own, theirs)),
            *(stranger.delete(path) for path in (own, theirs)),
        ]
        assert [answer.status_code for answer in answers] == [404] * len(answers)
        assert stranger.get(f"/businesses/{tenant.business}/files").json()["total"] == 0
    assert workshop.api.get(workshop.files).json()["total"] == 1


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "", "files:read"),
        ("POST", "", "files:create"),
        ("GET", "/x", "files:read"),
        ("DELETE", "/x", "files:delete"),
    ],
)
def test_the_missing_files_scope_is_named(
    sandbox: SandboxProcess, method: str, path: str, scope: str
) -> None:
    tenant = Tenant(sandbox)
    path = f"/businesses/{tenant.business}/files{path}"
    assert httpx2.request(method, sandbox.base_url + path, trust_env=False).status_code == 401
    others = {"files:create", "files:read", "files:delete"} - {scope}
    key = f"{tenant.key}-others"
    sandbox.add(
        "credentials", organization_id=tenant.organization, api_key=key, scopes=sorted(others)
    )
    with client(sandbox, key) as api:
        answer = api.request(method, path)
    assert answer.status_code == 403
    assert answer.json()["message"] == f"Missing required scope: {scope}"


def test_files_survive_a_killed_process(tmp_path: Path) -> None:
    with SandboxProcess(data=tmp_path, clock_speed=3600.0) as sandbox:
        tenant = Tenant(sandbox)
        with client(sandbox, tenant.key) as api:
            workshop = Workshop(sandbox=sandbox, tenant=tenant, api=api)
            file = made(workshop)
        sandbox.kill()
        sandbox.start()
        with client(sandbox, tenant.key) as api:
            kept = api.get(workshop.files).json()["items"]
    assert [shown["id"] for shown in kept] == [file["id"]]


def _lasted(file: dict[str, Any]) -> float:
    created, settled_at = (
        datetime.fromisoformat(str(file[field])) for field in ("createdAt", "updatedAt")
    )
    return (settled_at - created).total_seconds()
