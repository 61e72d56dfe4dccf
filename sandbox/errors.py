"""Decides the shape of every error the simulated API answers with."""

from collections.abc import Mapping

CODES: Mapping[int, str] = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_ERROR",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
    504: "GATEWAY_TIMEOUT",
}


class ApiError(Exception):
    """An answer other than success, raised where it is decided.

    The guide names the codes but not the body; this body is the sandbox's own.

    Args:
        status: The HTTP status.
        message: One sentence for the caller.
        headers: Further headers.
        code: The ``error`` member; by default the guide's name of the status.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.code = code or CODES.get(status, "ERROR")

    def body(self) -> dict[str, object]:
        """The JSON body."""
        return {"message": self.message, "error": self.code, "statusCode": self.status}


def missing(what: str) -> ApiError:
    """404: ``what`` is not there, or is another organization's, which must look the same."""
    return ApiError(404, f"{what} not found")
