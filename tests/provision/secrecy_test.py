"""Secrets are kept as marks and shown not at all."""

import pytest
from pydantic import JsonValue

from provision.secrecy import Secrecy, digest, is_mark, marks, tidy

SECRET = "hunter2-hunter2"
NUMBER = "8612"


def secrecy(salt: str = "00" * 16) -> Secrecy:
    def mask(text: str) -> str:
        return text.replace(SECRET, "••••").replace(NUMBER, "••••")

    return Secrecy(mask=mask, salt=salt)


@pytest.mark.parametrize("value", [SECRET, f"Bearer {SECRET}", 8612])
def test_a_secret_becomes_a_mark(value: JsonValue) -> None:
    kept = secrecy().keep([value, "plain"])
    assert isinstance(kept, list)
    assert is_mark(kept[0])
    assert kept[1] == "plain"
    assert SECRET not in str(kept)
    assert NUMBER not in str(kept) or value == SECRET


def test_plain_values_are_kept_as_they_are() -> None:
    value: JsonValue = {"a": [1, 2.5, True, None, "text", {"b": []}]}
    assert secrecy().keep(value) == value


def test_equal_secrets_have_equal_marks_under_one_salt_only() -> None:
    assert secrecy().keep(SECRET) == secrecy().keep(SECRET)
    assert secrecy().keep(SECRET) != secrecy("11" * 16).keep(SECRET)
    assert secrecy().keep(SECRET) != secrecy().keep(f"{SECRET}!")


def test_a_secret_of_yesterday_is_still_recognised() -> None:
    mark = secrecy().keep(SECRET)
    today = Secrecy(mask=lambda text: text, salt="00" * 16)
    assert today.keep(SECRET) == SECRET
    assert today.knowing({"sent": [mark]}).keep(SECRET) == mark


def test_marks_are_found_at_any_depth() -> None:
    mark = secrecy().keep(SECRET)
    assert marks({"a": [{"b": mark}, "c"]}) == {mark}
    assert marks(None) == frozenset()


def test_what_is_said_is_one_short_line_that_moves_no_cursor() -> None:
    said = secrecy().say(f"\x1b[31mno {SECRET}\r\n\u202etricky\x07 {'x' * 900}")
    assert SECRET not in said
    assert said.isprintable()
    assert len(said) == 500
    assert said.startswith("[31mno •••• tricky")


def test_tidy_keeps_letters_of_all_languages() -> None:
    assert tidy("Müller  数\n") == "Müller 数"


def test_digests_know_no_order_of_members_but_of_items() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("a", salt="1") != digest("a", salt="2") != digest("a")
