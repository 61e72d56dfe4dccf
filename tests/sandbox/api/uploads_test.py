"""The form around an uploaded file: what it must hold, and how long it may be."""

import socket
from collections.abc import Iterator

import httpx2
import pytest

from tests.sandbox.workshop import Workshop
from tests.support.sandbox import SandboxProcess

LIMIT = 26_214_400
FORM = {"Content-Type": "multipart/form-data; boundary=edge"}


def part(disposition: str, content: bytes = b"A visit is 80.") -> bytes:
    """One part of a form."""
    head = f"--edge\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"


FILE = part('name="file"; filename="a.txt"')
END = b"--edge--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        END,
        part('name="document"; filename="a.txt"') + END,  # another field
        part('name="file"') + END,  # a text, no file
        part('name="file"; filename=""') + END,  # no name
        FILE + FILE + END,  # two files
        FILE + part('name="file"') + END,  # a file and a text
        FILE + part('name="other"; filename="b.txt"') + END,  # two files in two fields
        part('filename="a.txt"') + END,  # no field
        FILE,  # no end
        b"no form at all",
        b"",
    ],
)
def test_the_form_holds_one_file_in_the_field_file(workshop: Workshop, body: bytes) -> None:
    answer = workshop.api.post(workshop.files, content=body, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")
    assert workshop.api.get(workshop.files).json()["total"] == 0


def test_other_fields_are_ignored(workshop: Workshop) -> None:
    body = part('name="note"') + FILE + END
    answer = workshop.api.post(workshop.files, content=body, headers=FORM)
    assert (answer.status_code, answer.json()["name"]) == (201, "a.txt")


def test_too_many_fields_are_400(workshop: Workshop) -> None:
    body = b"".join(part(f'name="note{number}"') for number in range(21)) + FILE + END
    assert workshop.api.post(workshop.files, content=body, headers=FORM).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",  # no boundary
        "",
    ],
)
def test_a_body_that_is_no_form_is_400(workshop: Workshop, content_type: str) -> None:
    answer = workshop.api.post(
        workshop.files, content=FILE + END, headers={"Content-Type": content_type}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


def test_a_file_of_25_mib_is_taken(workshop: Workshop) -> None:
    file = ("large.txt", b"a" * LIMIT)
    assert workshop.api.post(workshop.files, files={"file": file}).status_code == 201


def test_a_longer_file_is_413(workshop: Workshop) -> None:
    file = ("large.txt", b"a" * (LIMIT + 1))
    answer = workshop.api.post(workshop.files, files={"file": file})
    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")
    assert workshop.api.get(workshop.files).json()["total"] == 0


def test_a_long_form_of_no_declared_length_is_413(workshop: Workshop) -> None:
    def chunks() -> Iterator[bytes]:
        yield part('name="file"; filename="large.txt"')[:-2]
        for _ in range(LIMIT // 65_536 + 2):
            yield b"a" * 65_536

    answer = workshop.api.post(workshop.files, content=chunks(), headers=FORM)
    assert answer.status_code == 413


def test_a_declared_length_is_enough_to_be_refused(
    sandbox: SandboxProcess, workshop: Workshop
) -> None:
    address = httpx2.URL(sandbox.base_url)
    head = [
        f"POST {address.path}{workshop.files} HTTP/1.1",
        f"Host: {address.netloc.decode()}",
        f"Authorization: Bearer {workshop.tenant.key}",
        f"Content-Type: {FORM['Content-Type']}",
        f"Content-Length: {LIMIT * 2}",
    ]
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        answer = connection.recv(1_000)
    assert answer.startswith(b"HTTP/1.1 413 ")
