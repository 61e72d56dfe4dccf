"""The document of the codes says what the tables say, and its examples are true."""

import re
from pathlib import Path

import pytest

from dialer.rules.phones.phone import ACCEPTED_CODES, REJECTED_CODES, Accepted, normalise

_DOCUMENT = Path(__file__).parents[3] / "docs" / "phone-numbers.md"
_ROW = re.compile(r"\| `(?P<code>\w+)` \| `(?P<raw>.+?)` \| (?P<numbers>.+?) \| (?P<text>.+) \|")
_ROWS = list(_ROW.finditer(_DOCUMENT.read_text(encoding="utf-8")))


def test_the_document_has_every_code_with_its_sentence() -> None:
    documented = {row["code"]: row["text"] for row in _ROWS}
    assert documented == {**ACCEPTED_CODES, **REJECTED_CODES}


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["code"])
def test_an_example_gives_what_stands_beside_it(row: re.Match[str]) -> None:
    verdict = normalise("" if row["raw"] == '""' else row["raw"])
    numbers = "|".join(re.findall(r"\+\d+", row["numbers"])) or None
    assert verdict.code == row["code"]
    if isinstance(verdict, Accepted):
        assert verdict.e164 == numbers
    else:
        assert verdict.suggestion == numbers


def test_no_code_is_both_accepted_and_refused() -> None:
    assert not set(ACCEPTED_CODES) & set(REJECTED_CODES)
    assert all(code.startswith("ok") for code in ACCEPTED_CODES)
    assert not any(code.startswith("ok") for code in REJECTED_CODES)


@pytest.mark.parametrize("sentence", [*ACCEPTED_CODES.values(), *REJECTED_CODES.values()])
def test_a_sentence_is_one_plain_sentence(sentence: str) -> None:
    assert sentence.endswith(".")
    assert len(sentence) < 120
