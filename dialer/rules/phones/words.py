"""Recognises the words and letters that people put in a phone field.

Labels to remove, fillers that stand for "none", warnings, extensions, letters that look like
digits and words spelled on the keypad. Every function takes text already brought to plain
writing, at most a few hundred characters.
"""

import re

_KINDS = (
    "cell", "cellular", "cellphone", "cel", "celular", "mobile", "mobil", "mob", "movil",
    "m\u00f3vil", "home", "house", "casa", "work", "trabajo", "office", "ofc", "oficina",
    "business", "biz", "bus", "main", "direct", "personal", "primary", "secondary", "preferred",
    "best", "other", "alt", "alternate", "day", "daytime", "evening", "landline", "voice", "my",
    "contact", "customer", "caller", "sms", "text", "whatsapp", "wa", "callto", "phone", "phones",
    "ph", "phn", "fone", "telephone", "tel", "tele", "telefono", "tel\u00e9fono", "number",
    "num", "numero", "n\u00famero", "nbr", "nr", "us", "usa", "u\\.s\\.", "u\\.s\\.a\\.",
    "united states",
)  # fmt: skip
_KIND = rf"(?:{'|'.join(sorted(_KINDS, key=len, reverse=True))})(?![^\W\d_])"
_JOINT = r"[\s._/\-]*"
_NUMBER_SIGN = rf"(?:{_JOINT}(?:no\.?|\#))?"
_LABEL = rf"{_KIND}(?:{_JOINT}{_KIND}){{0,4}}"

_LEADING_LABELS = (
    # An index counts as part of the label only when the label is closed after it.
    re.compile(
        rf"[\s(\[]*{_LABEL}{_NUMBER_SIGN}(?:\s?\#?\d(?=\s?[:)\]]))?[\s:=.)\]>\-]*",
        re.IGNORECASE,
    ),
    re.compile(r"[(\[]?\s*[chmowtp]\s*[:)\]]+[\s.:\-]*|[chmwtp][\s.]+(?=[+(\d])", re.IGNORECASE),
    re.compile(r"no[.:]\s*(?=[+(\d])", re.IGNORECASE),
)
_TRAILING_LABELS = (
    re.compile(rf"[\s,;:=/()\[<.\-]*{_LABEL}[\s:.)\]>]*", re.IGNORECASE),
    re.compile(r"[\s\-]*[(\[]\s*[chmowt]\s*[)\]]\s*|\s+[chmwt]\s*", re.IGNORECASE),
)

_FILLERS = frozenset(
    {
        "-", "--", "---", "?", "??", "???", "n/a", "n\\a", "na", "n.a", "n.a.", "#n/a", "#na",
        "#value!", "#ref!", "#name?", "#div/0!", "#num!", "#null!", "#error!", "#error",
        "#spill!", "#calc!", "nan", "none", "null", "nil", "undefined", "unknown",
        "unavailable", "not available", "not applicable", "not provided", "not given",
        "not specified", "not set", "no phone", "no number", "no phone number", "no answer",
        "tbd", "tba", "test", "private", "private number", "anonymous", "blocked", "restricted",
        "withheld", "no caller id", "blank", "(blank)", "(none)", "(null)", "<null>", "\\n",
        "empty", "missing", "x", "xx", "xxx", "xxxx", "pending", "[object object]", "invalid",
        "declined", "refused", "same", "asdf",
    },
)  # fmt: skip
_TEMPLATE = re.compile(
    r"\{\{.*\}\}|\$\{.*\}|\{\w+\}|%\w*[a-z]\w*%|<\w+>|\[\w+\]|\*\|\w+\|\*",
    re.IGNORECASE,
)
_MASKED = re.compile(r"[\dx_*#\s().+/\-]+", re.IGNORECASE | re.ASCII)
_MASKS = frozenset("#*_x")
_MASK_RUN = re.compile(r"([x_*#])\1", re.IGNORECASE)
_NUMBER_LENGTHS = (7, 10, 11)

_WARNING = re.compile(
    r"\b(?:not|don'?t|dont|dnc|do\s?not|never|no|stop|wrong|old|former|ex|disconnected|dead|"
    r"invalid|bad|fax|fake|test|remove|opt(?:ed)?\s?out|unsubscribe|modem|pager)\b",
    re.IGNORECASE,
)

_EXTENSION = re.compile(
    r"(?=[a-z#,;])(?:(?:;\s?)?(?<![^\W\d_])"
    r"(?:extension|extensi\u00f3n|extn|ext|xtn|xt|x|poste|anexo|interno|int)"
    r"(?![^\W\d_])[\s.:=#\-]*\d{0,7}"
    r"|(?:;\s?)?ext=\d{0,7}"
    r"|\#[\s.:]*\d{1,7}"
    r"|[,;]+\d{1,6}"
    r"|[pw]+\d{1,7})"
    r"[\#)\]\s]*$",
    re.IGNORECASE | re.ASCII,
)
_EXTENSION_SIGN = re.compile(r"[^\W\d_]|[#,;]")
# The longest word, its digits and some space; a longer tail is not an extension.
_EXTENSION_MAX = 40
_EXTENSION_WORD = re.compile(r"[\s,;(\[\-]*(?:ext|x\s?\d)", re.IGNORECASE)
_LOCAL_CONTEXT = re.compile(r";phone-context=\+1$", re.IGNORECASE)

_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("Oo\u041e\u043e\u039f\u03bf\u00d8\u00f8", "0"),
        **dict.fromkeys("Iil|\u0406\u0456\u04c0\u0399\u03b9\u0131", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("\u0417\u0437", "3"),
        **dict.fromkeys("Ss", "5"),
        "\u0431": "6",
        "B": "8",
    },
)
_KEYPAD = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "22233344455566677778889999" * 2,
)
_LETTER = re.compile(r"[^\W\d_]")
_TAIL_REVERSED = re.compile(r"[^0-9]*[^\W\d_][^0-9]*")
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")
_NOT_DIGITS = re.compile(r"[\s().\-/_]+")
_LETTER_RUN = re.compile(r"[^\d\s().\-/_+]{3,}")
_SPELLED = re.compile(
    r"\+?[\s(]*(?:1[\s.\-)]*)?\(?\d{3}\)?[\s.\-]*(?P<rest>[a-z0-9][a-z0-9.\-]*"
    r"(?:\s[a-z0-9.\-]+)*)",
    re.IGNORECASE | re.ASCII,
)
_LOCAL, _NATIONAL = 7, 10


def count_digits(text: str) -> int:
    """The number of ASCII digits."""
    return len(text) - len(text.translate(_WITHOUT_DIGITS))


def is_placeholder(text: str) -> bool:
    """Whether the text is a known filler, a spreadsheet error, a template or a masked number."""
    if count_digits(text) >= _NATIONAL:
        return False
    folded = " ".join(text.casefold().split())
    bare = folded.strip(" .!-_'\"")
    if (
        folded in _FILLERS
        or bare in _FILLERS
        or (folded[:1] in _MASKS and not folded.strip(folded[:1]))
    ):
        return True
    if _TEMPLATE.fullmatch(text):
        return count_digits(text) < _LOCAL
    return _is_masked(text)


def _is_masked(text: str) -> bool:
    """Whether signs stand where digits would: `212-XXX-XXXX`, `(___) ___-____`."""
    if not _MASK_RUN.search(text) or not _MASKED.fullmatch(text):
        return False
    digits = count_digits(text)
    masks = sum(character in "xX_*#" for character in text)
    return digits < _NATIONAL and digits + masks in _NUMBER_LENGTHS


def strip_labels(text: str) -> str:
    """Removes labels from both ends; the text comes back unchanged when there is none."""
    if not _LETTER.search(text):
        return text
    text = _LOCAL_CONTEXT.sub("", text)
    if text.lstrip("([ ")[:1].isalpha():
        for label in _LEADING_LABELS:
            found = label.match(text)
            text = text[found.end() :] if found is not None else text
    found = _TAIL_REVERSED.match(text[::-1])
    number = text[: -found.end()] if found is not None else text
    is_label = any(label.fullmatch(text, len(number)) for label in _TRAILING_LABELS)
    return number if is_label else text


def warns(text: str) -> bool:
    """Whether a word says that the number beside it is not to be called."""
    return _WARNING.search(text) is not None


def split_extension(text: str) -> str | None:
    """The text before an extension at its end; None when it has none.

    A word counts behind at least seven digits, a mark that also separates (`#`, `,`, `;`) only
    behind ten, and a comma only when the digits follow it at once, as in a dial string.
    """
    if not _EXTENSION_SIGN.search(text):
        return None
    found = _EXTENSION.search(text, max(0, len(text) - _EXTENSION_MAX))
    if found is None:
        return None
    base = text[: found.start()].rstrip(" \t,;([-")
    needed = _NATIONAL if found[0].lstrip("; ")[:1] in {",", "#"} or found[0][0] == ";" else _LOCAL
    return base if count_digits(base) >= needed else None


def starts_extension(text: str) -> bool:
    """Whether the text that follows a number starts to tell an extension."""
    return _EXTENSION_WORD.match(text) is not None


def read_lookalikes(text: str) -> str | None:
    """The digits when every letter looks like one and none is part of a word; else None."""
    runs = (run[0].translate(_LOOKALIKES) for run in _LETTER_RUN.finditer(text))
    if any(set(run) - {"0"} for run in runs):
        return None
    read = _NOT_DIGITS.sub("", text.translate(_LOOKALIKES))
    return read if read.removeprefix("+").isdecimal() else None


def read_keypad(text: str) -> tuple[str, bool] | None:
    """Reads letters by the keypad, as in `1-800-FLOWERS`.

    Returns:
        The ten or more national digits, and whether the writing leaves no doubt that the
        letters belong to the number: they are not set apart, as a name would be.
        None when the text is not an area code followed by letters that complete a number.
    """
    found = _SPELLED.fullmatch(text)
    if found is None or not re.search(r"[a-z]{2}", found["rest"], re.IGNORECASE):
        return None
    digits = re.sub(r"\D", "", text.translate(_KEYPAD), flags=re.ASCII)
    national = digits.removeprefix("1")
    if len(national) < _NATIONAL:
        return None
    joined = re.search(r"\s[a-z]|[a-z]\s", text, re.IGNORECASE) is None
    evenly_spaced = text == text.upper() and re.search(r"[.\-]", text) is None
    return national, joined or evenly_spaced
