"""Reads a page's form by the same shapes as the API, and says what is wrong with it in words."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from dialer.rules.errors import Fault, InvalidInputError
from service.http.faults import request_faults

Shape = TypeVar("Shape", bound=BaseModel)


def read(shape: type[Shape], values: Mapping[str, object], *, what: str) -> Shape:
    """The values as a shape of the API.

    Raises:
        InvalidInputError: naming each value that can't be; `what` says what they are of.
    """
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise InvalidInputError(f"{what} can't be so", faults=request_faults(found)) from error


def text(form: Mapping[str, object], name: str) -> str:
    """A field's text without the blanks around it; empty where it wasn't sent."""
    found = form.get(name)
    return found.strip() if isinstance(found, str) else ""


def several(form: Mapping[str, object], name: str) -> list[str]:
    """A field's texts, however many of its boxes were ticked."""
    found = form.get(name)
    if isinstance(found, str):
        return [found]
    return [str(one) for one in found] if isinstance(found, list) else []


def whole(written: str) -> object:
    """A text of digits as a number; anything else as it is, to be refused by its shape."""
    digits = written.removeprefix("-")
    return int(written) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else written  # noqa: PLR2004 -- far above every limit


def sentences(error: InvalidInputError) -> Sequence[str]:
    """What is wrong, a sentence for each fault, with its field."""
    return [_sentence(fault) for fault in error.faults] or [error.message]


def _sentence(fault: Fault) -> str:
    where = fault.pointer.strip("/").replace("/", " ").replace("_", " ")
    hint = f" Did you mean {fault.suggestion}?" if fault.suggestion else ""
    return f"{where}: {fault.message}{hint}" if where else f"{fault.message}{hint}"
