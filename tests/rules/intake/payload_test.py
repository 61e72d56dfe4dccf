"""Reading bodies: strict JSON and forms, within limits."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.rules.errors import InvalidInputError, OutdialError, UnsupportedMediaError
from dialer.rules.intake.payload import MAX_DEPTH, clean_text, is_json, read_delivery, read_json

_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data; boundary=xx"


def _multipart(*parts: str) -> bytes:
    return "".join(f"--xx\r\n{part}\r\n" for part in parts).encode() + b"--xx--\r\n"


def test_json_is_read_with_and_without_a_byte_order_mark() -> None:
    assert read_json(b'{"a": [1, 2.5, "\xc3\xa9"]}') == {"a": [1, 2.5, "é"]}
    assert read_json(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"", 0),
        (b'{"a": 1,}', 8),
        (b"[1, NaN]", 0),
        (b"[Infinity]", 0),
        (b"[1e999]", 0),
        (b"[" + b"1" * 5_000 + b"]", 0),
        (b"\xff", 0),
        (b'{"a": "\xc3"}', 7),
        (b"[" * 100_000, 0),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), 0),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 0),
    ],
)
def test_what_is_not_good_json_is_refused_with_a_position(body: bytes, position: int) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        read_json(body)
    assert caught.value.pos == position


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_nul_and_half_surrogates_are_cleaned_in_keys_and_values() -> None:
    assert read_json(rb'{"a\u0000b": ["\ud800x", "\ud83d\ude00"]}') == {"ab": ["\ufffdx", "😀"]}


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"]
)
def test_json_goes_by_many_names(kind: str) -> None:
    assert is_json(kind)
    assert read_delivery(kind, b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("kind", ["", "text/plain"])
def test_a_sender_that_names_no_kind_means_json(kind: str) -> None:
    assert not is_json(kind)
    assert read_delivery(kind, b"[1]") == [1]


@pytest.mark.parametrize("kind", ["application/xml", "image/png", "nonsense"])
def test_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(UnsupportedMediaError, match="is not taken here"):
        read_delivery(kind, b"x")


def test_forms_are_read() -> None:
    body = b"phone=%2B1+412&name=Owen%20C&empty=&tag=a&tag=b&bad=%00%ff"
    assert read_delivery(_FORM, body) == {
        "phone": "+1 412",
        "name": "Owen C",
        "empty": "",
        "tag": ["a", "b"],
        "bad": "\ufffd",
    }


def test_multipart_forms_are_read() -> None:
    body = _multipart(
        'Content-Disposition: form-data; name="phone"\r\n\r\n4125550151',
        'Content-Disposition: form-data; name="name"\r\n'
        "Content-Type: text/plain; charset=utf-8\r\n\r\nÉlan",
    )
    assert read_delivery(_PARTS, body) == {"phone": "4125550151", "name": "Élan"}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (_FORM, b"&".join(b"a=1" for _ in range(501)), "at most 500 fields"),
        (_PARTS, b"nothing like it", "boundary"),
        ("multipart/form-data", b"--xx\r\n", "boundary"),
        (_PARTS, _multipart("X: y\r\n\r\n1"), "no name"),
        (
            _PARTS,
            _multipart('Content-Disposition: form-data; name="f"; filename="a.png"\r\n\r\nPNG'),
            "is a file",
        ),
        (
            _PARTS,
            _multipart(*['Content-Disposition: form-data; name="a"\r\n\r\n1'] * 501),
            "at most 500 fields",
        ),
    ],
)
def test_broken_forms_are_refused(kind: str, body: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read_delivery(kind, body)


def test_clean_text_can_be_encoded_and_stored() -> None:
    assert clean_text("a\x00b\udfffc") == "ab\ufffdc"


@given(
    kind=st.sampled_from(["", "application/json", _FORM, _PARTS, "multipart/form-data; boundary"]),
    body=st.binary(max_size=300),
)
def test_no_body_breaks_the_reader(kind: str, body: bytes) -> None:
    with contextlib.suppress(json.JSONDecodeError, OutdialError):
        json.dumps(read_delivery(kind, body)).encode()
