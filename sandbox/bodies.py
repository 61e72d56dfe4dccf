"""Reads request bodies, never more than a limit."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from sandbox.errors import ApiError

MAX_BODY = 262_144
M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request) -> bytes:
    """The whole body.

    Raises:
        ApiError: It is longer than 256 KiB (413).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ApiError(413, f"The body is longer than {MAX_BODY} bytes")
    return bytes(body)


async def read_model(request: Request, model: type[M]) -> M:
    """The body as JSON that fits a model.

    Raises:
        ApiError: It is too long (413), not JSON, or does not fit (400).
    """
    body = await read_body(request)
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise ApiError(400, explain(error)) from error


def explain(error: ValidationError) -> str:
    """What does not fit, field by field, without repeating what was sent."""
    told = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(map(str, problem["loc"]))
        told.append(f"{where}: {problem['msg']}" if where else problem["msg"])
    return "; ".join(told[:10])
