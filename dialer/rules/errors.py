"""The error taxonomy: each class has a stable code; HTTP statuses live in the service."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of an input.

    Attributes:
        pointer: RFC 6901 JSON pointer to the field, such as `/phone`; empty for the whole.
        code: Stable machine-readable reason, such as `phone.toll_free`.
        message: What was wrong and what to do, for a person.
        suggestion: A likely right value, where there is one.
    """

    pointer: str
    code: str
    message: str
    suggestion: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The fault as JSON members; an absent suggestion is left out."""
        shown = {"pointer": self.pointer, "code": self.code, "message": self.message}
        return shown | ({"suggestion": self.suggestion} if self.suggestion else {})


class OutdialError(Exception):
    """Something was asked of Outdial that it refuses."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults


class InvalidInputError(OutdialError):
    """The input breaks a rule; the faults name each field."""

    code = "invalid_input"


class NotFoundError(OutdialError):
    """There is no such thing in this organization."""

    code = "not_found"


class ConflictError(OutdialError):
    """The thing is in a state that does not allow this."""

    code = "conflict"


class AlreadyDecidedError(ConflictError):
    """Somebody decided this call before."""

    code = "already_decided"


class FoundMeanwhileError(ConflictError):
    """The history showed the call after all, so nobody needs to decide."""

    code = "found_meanwhile"


class IdempotencyMismatchError(OutdialError):
    """The same Idempotency-Key came with a different request."""

    code = "idempotency_key_reused"


class UnauthenticatedError(OutdialError):
    """No key was given, or none that is known and in force."""

    code = "unauthenticated"


class ForbiddenError(OutdialError):
    """The key is good, but not for this."""

    code = "missing_scope"


class TooLargeError(OutdialError):
    """The body or a part of it is over a limit."""

    code = "too_large"


class UnsupportedMediaError(OutdialError):
    """The body is of a kind that this address does not take."""

    code = "unsupported_media_type"


class UnavailableError(OutdialError):
    """Something that this needs is not there right now; nothing was lost, try again."""

    code = "unavailable"
