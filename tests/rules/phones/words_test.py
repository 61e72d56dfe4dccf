"""The words of phone fields: labels, fillers, warnings, extensions, letters for digits."""

import pytest

from dialer.rules.phones.words import (
    count_digits,
    is_placeholder,
    read_keypad,
    read_lookalikes,
    split_extension,
    starts_extension,
    strip_labels,
    warns,
)


@pytest.mark.parametrize(
    "text",
    [
        "cell: 212 555 0142",
        "CELL PHONE - 212 555 0142",
        "Cell/Home: 212 555 0142",
        "Phone #: 212 555 0142",
        "phone no. 212 555 0142",
        "Phone 2: 212 555 0142",
        "tel:212 555 0142",
        "tel:212 555 0142;phone-context=+1",
        "p:212 555 0142",
        "(c) 212 555 0142",
        "M 212 555 0142",
        "No. 212 555 0142",
        "Teléfono: 212 555 0142",
        "212 555 0142 (mobile)",
        "212 555 0142 [work phone]",
        "212 555 0142 (c)",
        "212 555 0142 h",
        "212 555 0142, home",
        "cell212 555 0142",
        "home 212 555 0142 (best)",
        "U.S. 212 555 0142",
    ],
)
def test_labels_are_removed(text: str) -> None:
    assert strip_labels(text).strip() == "212 555 0142"


@pytest.mark.parametrize(
    "text",
    [
        "212 555 0142",
        "Pat 212 555 0142",
        "212 555 0142 Pat",
        "cellar 212 555 0142",
        "homer 212 555 0142",
        "fax: 212 555 0142",
        "no 212 555 0142",
        "",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert strip_labels(text) == text


def test_an_index_is_part_of_a_label_only_when_closed() -> None:
    assert strip_labels("phone 2: 212") == "212"
    assert strip_labels("phone 2 212") == "2 212"
    assert strip_labels("phone 44) 20") == "44) 20"


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "#N/A",
        "#REF!",
        "none",
        " Not  Provided. ",
        "-",
        "?",
        "xxx",
        "########",
        "XXX-XXX-0142",
        "212-XXX-XXXX",
        "(___) ___-____",
        "***-***-0142",
        "{{lead.phone}}",
        "${phone}",
        "%PHONE%",
        "<phone>",
        "[object Object]",
    ],
)
def test_fillers(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    ["212-555-0142", "<2125550142>", "212-555-0142 xx", "cell", "...", "", "x5", "call me"],
)
def test_no_fillers(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["do not call ", "DNC", "don't", "wrong number", "old", "fax:"])
def test_warnings(text: str) -> None:
    assert warns(text)


@pytest.mark.parametrize("text", ["Pat ", "Goldberg", "Stopford", "notary", ""])
def test_names_are_no_warnings(text: str) -> None:
    assert not warns(text)


@pytest.mark.parametrize(
    "tail",
    [
        "x5",
        " x 5",
        " ext 5",
        " Ext. 5",
        ", extension 1234567",
        " (ext. 5)",
        " xt5",
        " #5",
        ";ext=5",
        ",5",
        ",,5#",
        ";5",
        "p5",
        " ext",
        " x",
        " poste 5",
    ],
)
def test_an_extension_is_split_off(tail: str) -> None:
    assert split_extension(f"212-555-0142{tail}") == "212-555-0142"


@pytest.mark.parametrize(
    "text",
    [
        "212-555-0142",
        "212x5550142",
        "212,555,0142",
        "555-0142,5",
        "2125550142,9175550143",
        "212-555-0142, 0143",
        "text 5",
        "212-555-0142 ext 12345678",
    ],
)
def test_what_is_no_extension(text: str) -> None:
    assert split_extension(text) is None


def test_the_start_of_an_extension() -> None:
    assert starts_extension(" ext 5 or 6")
    assert starts_extension(", x12345678")
    assert not starts_extension(" Xavier")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("2l2-555-O142", "2125550142"),
        ("+I 212 555 o142", "+12125550142"),
        ("212-555-OOOO", "2125550000"),
        ("212-555-01\u041e2", "2125550102"),
        ("212-555-BOSS", None),
        ("212-555-0l4A", None),
        ("2\u00b22-555-0142", None),
        ("call me", None),
    ],
)
def test_letters_that_look_like_digits(text: str, digits: str | None) -> None:
    assert read_lookalikes(text) == digits


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1-800-FLOWERS", ("8003569377", True)),
        ("1-800-CONTACTS", ("80026682287", True)),
        ("212-555-ABCD", ("2125552223", True)),
        ("(212) 555-WXYZ", ("2125559999", True)),
        ("212 555 ABCD", ("2125552223", True)),
        ("212 555 abcd", ("2125552223", False)),
        ("212-555 ABCD", ("2125552223", False)),
        ("212-555-A", None),
        ("212-55A-0142", None),
        ("Pat 212-555", None),
        ("FLOWERS", None),
    ],
)
def test_words_on_the_keypad(text: str, read: tuple[str, bool] | None) -> None:
    assert read_keypad(text) == read


def test_only_ascii_digits_count() -> None:
    assert count_digits("a1٢2²") == 2
