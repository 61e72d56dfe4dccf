"""Faults as text."""

from typing import get_args

from provision.manifest.faults import Fault, FaultCode, ManifestError, quoted, visible


def fault(field: str = "agents.caller.type", suggestion: str | None = None) -> Fault:
    return Fault(
        code="bad_choice",
        file="a.yaml",
        line=3,
        column=7,
        field=field,
        message="expected x",
        suggestion=suggestion,
    )


def test_one_line() -> None:
    assert str(fault()) == "a.yaml:3:7: agents.caller.type: expected x"
    assert str(fault(field="")) == "a.yaml:3:7: expected x"
    assert str(fault(suggestion="write y")).endswith("expected x (write y)")


def test_the_error_tells_all_of_them() -> None:
    error = ManifestError([fault(), fault(field="business")])
    assert str(error).count("\n") == 1
    assert len(error.faults) == 2


def test_what_is_quoted_is_safe_and_short() -> None:
    assert quoted("a\x1b[31m\n") == '"a\\u001b[31m\\n"'
    assert quoted("a\u202eb\x9b") == '"a�b�"'
    assert len(quoted("x" * 500)) < 70
    assert visible("a\tb\x7fc") == "a�b�c"


def test_codes_are_told_but_once() -> None:
    codes = get_args(FaultCode)
    assert sorted(set(codes)) == list(codes)
