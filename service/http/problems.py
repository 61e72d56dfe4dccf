"""Every refusal as an RFC 9457 problem document, and the one table of HTTP statuses."""

import json
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from dialer.rules.errors import (
    Fault,
    InvalidInputError,
    NotFoundError,
    OutdialError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedMediaError,
)
from dialer.store.engine import is_transient
from service.http.faults import request_faults

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:outdial:problem:"
MALFORMED_JSON = "malformed_json"
INTERNAL = "internal_error"

STATUSES: Mapping[str, int] = {
    "bad_request": 400,
    MALFORMED_JSON: 400,
    UnauthenticatedError.code: 401,
    "missing_scope": 403,
    NotFoundError.code: 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "conflict": 409,
    "already_decided": 409,
    "found_meanwhile": 409,
    TooLargeError.code: 413,
    UnsupportedMediaError.code: 415,
    InvalidInputError.code: 422,
    "idempotency_key_reused": 422,
    "error": 422,
    "too_many_requests": 429,
    INTERNAL: 500,
    UnavailableError.code: 503,
}
"""The HTTP status of every code; a test shows that no code of the core is missing."""

_BY_STATUS: Mapping[int, str] = {
    400: "bad_request",
    401: UnauthenticatedError.code,
    403: "missing_scope",
    404: NotFoundError.code,
    405: "method_not_allowed",
    408: "request_timeout",
    413: TooLargeError.code,
    415: UnsupportedMediaError.code,
    422: InvalidInputError.code,
    429: "too_many_requests",
    503: UnavailableError.code,
}

log = structlog.get_logger(__name__)


class ProblemFault(BaseModel):
    """One thing wrong with one part of a request."""

    pointer: str = Field(
        description="JSON pointer into the body; `?name` for a query parameter, `{name}` for a "
        "part of the path, `name:` for a header; empty for the whole."
    )
    code: str = Field(description="Stable reason, such as `phone.toll_free`.")
    message: str = Field(description="What is wrong and what to do, for a person.")
    suggestion: str | None = Field(default=None, description="A likely right value.")


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="`urn:outdial:problem:` and the code.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What happened here, for a person.")
    code: str = Field(description="Stable, for a program.")
    instance: str = Field(description="The request's id, as in the header X-Request-Id.")
    errors: list[ProblemFault] = Field(default_factory=list)


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The `responses` of an operation that may refuse with these statuses."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem(
    request_id: str,
    code: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    status: int | None = None,
) -> Response:
    """Build the answer for a code of `STATUSES`; `status` only where the framework chose one."""
    number = status or STATUSES[code]
    body = {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(number).phrase,
        "status": number,
        "detail": detail,
        "code": code,
        "instance": request_id,
        "errors": [fault.as_dict() for fault in faults],
    }
    # ASCII only, so that no hostile text that is echoed can break the encoding.
    return Response(json.dumps(body), number, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception of the framework and of the core as a problem."""
    app.add_exception_handler(OutdialError, _refused)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(json.JSONDecodeError, _malformed)


def unexpected(request_id: str, error: Exception) -> Response:
    """Answer what nothing else caught: something away (503), a value no row can hold, a bug."""
    if is_transient(error):
        log.warning("unavailable", error=type(error).__name__, where=_where(error))
        message = "the database is away or busy; nothing was lost, try again"
        return problem(request_id, UnavailableError.code, message, headers={"Retry-After": "1"})
    if _is_unstorable(error):
        return problem(request_id, InvalidInputError.code, "a value can't be stored as it is")
    # The message of an exception may hold a person's data, so only its place is logged.
    log.error("request_failed", error=type(error).__name__, where=_where(error))
    return problem(request_id, INTERNAL, "this is our fault; the log has it under this instance")


async def _refused(request: Request, error: Exception) -> Response:
    refused = cast("OutdialError", error)
    return problem(
        request.state.request_id,
        refused.code,
        refused.message,
        faults=refused.faults,
        headers=_headers(refused),
    )


async def _framework(request: Request, error: Exception) -> Response:
    found = cast("HTTPException", error)
    code = _BY_STATUS.get(found.status_code, "bad_request")
    headers = dict(found.headers or {})
    if found.status_code == STATUSES["method_not_allowed"]:
        headers["Allow"] = _methods(request)
    return problem(
        request.state.request_id,
        code,
        _DETAILS.get(code, str(found.detail)),
        headers=headers,
        status=found.status_code,
    )


def _methods(request: Request) -> str:
    # The framework names the methods of one route, though several may share an address.
    routes: Sequence[APIRoute] = request.app.state.routes
    here = [r for r in routes if r.path_regex.match(request.scope["path"])]
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


async def _invalid(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    request_id = request.state.request_id
    for one in found:
        if one["type"] == "json_invalid":
            where, why = one["loc"][-1], one["ctx"]["error"]
            return _broken_json(request_id, f"{why} at character {where}")
        if one["loc"][0] == "path":
            return problem(request_id, NotFoundError.code, "there is nothing with this id")
    faults = request_faults(found, known=_body_fields(request))
    return problem(request_id, InvalidInputError.code, _summary(faults), faults=faults)


def _body_fields(request: Request) -> tuple[str, ...]:
    field = getattr(request.scope.get("route"), "body_field", None)
    model = field.field_info.annotation if field else None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return tuple(model.model_fields)
    return ()


async def _malformed(request: Request, error: Exception) -> Response:
    found = cast("json.JSONDecodeError", error)
    return _broken_json(request.state.request_id, f"{found.msg} at character {found.pos}")


def _broken_json(request_id: str, why: str) -> Response:
    message = f"the body is not good JSON: {why}"
    return problem(
        request_id, MALFORMED_JSON, message, faults=[Fault("", MALFORMED_JSON, message)]
    )


_DETAILS: Mapping[str, str] = {
    NotFoundError.code: "there is nothing at this address",
    "method_not_allowed": "this address does not take this method; see the header Allow",
}


def _headers(error: OutdialError) -> dict[str, str]:
    match error:
        case UnauthenticatedError():
            return {"WWW-Authenticate": 'Bearer realm="outdial"'}
        case UnavailableError():
            return {"Retry-After": "1"}
        case TooLargeError():
            return {"Connection": "close"}
        case _:
            return {}


def _summary(faults: Sequence[Fault]) -> str:
    if len(faults) == 1:
        where = faults[0].pointer.removesuffix(":") or "the request"
        return f"{where}: {faults[0].message}"
    return f"{len(faults)} parts of the request are wrong; see errors"


def _is_unstorable(error: Exception) -> bool:
    # SQLSTATE class 22, or a value that the driver itself can't encode.
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state.startswith("22") or isinstance(getattr(error.orig, "__cause__", None), ValueError)


def _where(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
