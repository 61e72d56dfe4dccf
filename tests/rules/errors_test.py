"""The error taxonomy: stable codes, one-sentence docstrings, faults as JSON."""

import inspect

import pytest

from dialer.rules import errors
from dialer.rules.errors import Fault, InvalidInputError, OutdialError

CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, OutdialError)
]


def test_codes_are_stable() -> None:
    assert {c.__name__: c.code for c in CLASSES} == {
        "AlreadyDecidedError": "already_decided",
        "ConflictError": "conflict",
        "ForbiddenError": "missing_scope",
        "FoundMeanwhileError": "found_meanwhile",
        "IdempotencyMismatchError": "idempotency_key_reused",
        "InvalidInputError": "invalid_input",
        "NotFoundError": "not_found",
        "OutdialError": "error",
        "TooLargeError": "too_large",
        "UnauthenticatedError": "unauthenticated",
        "UnavailableError": "unavailable",
        "UnsupportedMediaError": "unsupported_media_type",
    }


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_a_docstring_says_it_in_one_sentence(error: type[OutdialError]) -> None:
    told = inspect.getdoc(error) or ""
    assert told.endswith(".")
    assert "\n" not in told


def test_an_error_carries_its_message_and_its_faults() -> None:
    fault = Fault("/phone", "phone.toll_free", "a toll-free number is nobody's phone")
    error = InvalidInputError("one field is wrong", faults=(fault,))
    assert (str(error), error.message, error.faults) == (*["one field is wrong"] * 2, (fault,))


def test_a_fault_without_a_suggestion_leaves_it_out() -> None:
    fault = Fault("/phone", "phone.toll_free", "no")
    assert fault.as_dict() == {"pointer": "/phone", "code": "phone.toll_free", "message": "no"}


def test_a_fault_with_a_suggestion_shows_it() -> None:
    fault = Fault("/nmae", "unknown_field", "no", "name")
    assert fault.as_dict()["suggestion"] == "name"
