"""Reads a request's body, JSON or a form, into plain values that are safe to keep and echo."""

import json
import re
from collections.abc import Mapping
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import NoReturn
from urllib.parse import parse_qsl

from dialer.rules.errors import Fault, InvalidInputError, UnsupportedMediaError

MAX_DEPTH = 32
"""Objects and lists may be nested this deeply; nobody's CRM comes near."""

MAX_FIELDS = 500
"""Fields that a form may have."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_json(body: bytes) -> object:
    r"""Read JSON (RFC 8259) strictly: UTF-8, no NaN, no number beyond a double, bounded depth.

    `\u0000`, which PostgreSQL's text cannot hold, is dropped; half a surrogate pair becomes
    U+FFFD.

    Raises:
        json.JSONDecodeError: with the position of the first fault.
    """
    text = _decode(body)
    try:
        found: object = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError("nested too deeply", text, 0) from error
    except ValueError as error:
        raise json.JSONDecodeError(str(error), text, 0) from error
    if _is_deeper(found, MAX_DEPTH):
        raise json.JSONDecodeError(f"nested deeper than {MAX_DEPTH}", text, 0)
    return _clean(found) if "\\u" in text else found


def read_delivery(content_type: str, body: bytes) -> object:
    """Read what a webhook sent, by its content type; without one, as JSON.

    Raises:
        json.JSONDecodeError: for broken JSON.
        InvalidInputError: for a broken form, one with files, or one with too many fields.
        UnsupportedMediaError: for any other content type.
    """
    match media_type(content_type):
        case "" | "text/plain" | "application/json":
            return read_json(body)
        case kind if kind.startswith("application/") and kind.endswith("+json"):
            return read_json(body)
        case "application/x-www-form-urlencoded":
            return _read_form(body)
        case "multipart/form-data":
            return _read_multipart(content_type, body)
        case kind:
            raise UnsupportedMediaError(
                f"{kind[:100]!r} is not taken here; send application/json or a form"
            )


def media_type(content_type: str) -> str:
    """The type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Whether a content type says JSON."""
    kind = media_type(content_type)
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise json.JSONDecodeError("the body is not UTF-8", "", error.start) from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float:
    number = float(written)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {written[:40]} is too large")
    return number


def _is_deeper(found: object, limit: int) -> bool:
    level = [found] if isinstance(found, dict | list) else []
    for _ in range(limit):
        inner = (n.values() if isinstance(n, dict) else n for n in level)
        level = [child for node in inner for child in node if isinstance(child, dict | list)]
        if not level:
            return False
    return bool(level)


def _clean(found: object) -> object:
    match found:
        case str():
            return clean_text(found)
        case list():
            return [_clean(item) for item in found]
        case dict():
            return {clean_text(str(key)): _clean(item) for key, item in found.items()}
        case _:
            return found


def clean_text(text: str) -> str:
    """The text without NUL and without halves of surrogate pairs."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def _read_form(body: bytes) -> Mapping[str, object]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise _broken_form(f"a form may have at most {MAX_FIELDS} fields") from error
    return _gather([(clean_text(name), clean_text(value)) for name, value in pairs])


def _read_multipart(content_type: str, body: bytes) -> Mapping[str, object]:
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    parts = message.get_payload()
    if not isinstance(parts, list):
        raise _broken_form("the form's parts can't be told apart; check its boundary")
    if len(parts) > MAX_FIELDS:
        raise _broken_form(f"a form may have at most {MAX_FIELDS} fields")
    return _gather([_part(part) for part in parts if isinstance(part, Message)])


def _part(part: Message) -> tuple[str, str]:
    name = part.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise _broken_form("a part of the form has no name")
    if part.get_filename() is not None:
        raise _broken_form(f"{clean_text(name)[:100]!r} is a file; send addresses of files")
    content = part.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return clean_text(name), clean_text(text)


def _gather(pairs: list[tuple[str, str]]) -> Mapping[str, object]:
    gathered: dict[str, list[str]] = {}
    for name, value in pairs:
        gathered.setdefault(name, []).append(value)
    return {n: values[0] if len(values) == 1 else values for n, values in gathered.items()}


def _broken_form(message: str) -> InvalidInputError:
    return InvalidInputError(message, faults=(Fault("", "invalid_form", message),))
