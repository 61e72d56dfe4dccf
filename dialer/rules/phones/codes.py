"""Names every answer the phone normaliser can give, and says it in a sentence for people.

The codes are stable: they stand in stored rows, in API answers and in docs/phone-numbers.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


# Named tuples rather than frozen data classes: they are made millions of times, at a third of the
# cost.
class Accepted(NamedTuple):
    """A number that may be dialed.

    Attributes:
        e164: "+1" and ten digits.
        code: a key of `ACCEPTED_CODES`: what was repaired, or what is notable about the number.
    """

    e164: str
    code: str


class Rejected(NamedTuple):
    """A text that must not be dialed.

    Attributes:
        code: a key of `REJECTED_CODES`.
        suggestion: the likely reading for a person to confirm, in E.164; several are joined
            by "|". Every number in it would be accepted. None where no reading is likely.
    """

    code: str
    suggestion: str | None = None


ACCEPTED_CODES: Mapping[str, str] = MappingProxyType(
    {
        "ok": "The number was taken as written.",
        "ok_trimmed": "Spaces, quotes or punctuation around the number were removed.",
        "ok_unicode": (
            "Invisible or non-ASCII characters were removed or replaced by their plain form."
        ),
        "ok_label": 'A label such as "cell" or "tel:" was removed.',
        "ok_intl_prefix": "An international dialing prefix (00 or 011) was replaced by +.",
        "ok_double_prefix": "A country code written twice was reduced to one.",
        "ok_excel_float": "The .0 that a spreadsheet added was removed.",
        "ok_excel_scientific": (
            "A spreadsheet's scientific notation, with every digit present, was written out."
        ),
        "ok_thousands_separator": "Thousands separators were removed.",
        "ok_formula": 'A spreadsheet formula around the number (="...") was removed.',
        "ok_new_area_code": (
            "The area code is newly in service; older software may still refuse it."
        ),
        "ok_555_exchange": (
            "The number is in the 555 exchange, which holds mostly numbers made up for "
            "examples; make sure that it is real."
        ),
    },
)

REJECTED_CODES: Mapping[str, str] = MappingProxyType(
    {
        "empty": "The phone field is empty; fill it in.",
        "no_digits": "There is no digit in the text; enter the number in digits.",
        "letters": "Letters stand in place of digits; enter the number in digits.",
        "lookalike_letters": (
            "Letters that look like digits (O for 0, l for 1) stand in the number; retype it."
        ),
        "extra_text": (
            "There is more in the field than one plainly written phone number; leave only the "
            "number."
        ),
        "placeholder": "This is a placeholder, not a number; ask for the real one.",
        "too_short": (
            "There are too few digits; a US number has ten: area code, exchange and line."
        ),
        "too_long": (
            "There are too many digits; a US number has ten, or eleven with a leading 1."
        ),
        "missing_area_code": (
            "The area code is missing or not in front; write all ten digits, area code first."
        ),
        "trunk_zero": (
            "The number starts with a 0, which no US number does; remove it if the number is "
            "American."
        ),
        "service_code": (
            "This is a service code such as 911 or *67, not a person's number; enter ten digits."
        ),
        "multiple_numbers": "There is more than one number in the field; keep one.",
        "extension": (
            "The number has an extension, which cannot be dialed; give a direct number or "
            "confirm the main one."
        ),
        "precision_lost": (
            "A spreadsheet rounded the number and digits are gone; export it again with the "
            "column formatted as text."
        ),
        "bad_area_code": (
            "No area code starts with 0 or 1 or ends in 11; check the first three digits."
        ),
        "bad_exchange": (
            "The three digits after the area code cannot be an exchange there; check them."
        ),
        "unassigned_area_code": "The area code is not in use; check the first three digits.",
        "n11_exchange": (
            "The three digits after the area code are a service code such as 911; check them."
        ),
        "special_exchange": (
            "The exchange is reserved for tests, carriers or paid information and reaches no "
            "person; give another number."
        ),
        "directory_assistance": (
            "555-1212 is directory assistance, not a person; give another number."
        ),
        "toll_free": "This is a toll-free number, not a person's phone; give a direct number.",
        "premium_rate": "This is a premium-rate number and is never called; give another number.",
        "personal_number": (
            "This is a 5XX follow-me number, billed at unknown rates; give another number."
        ),
        "us_territory": (
            "The number is in a US territory, which this installation does not call unless "
            "territories are allowed."
        ),
        "not_us_canada": "The number is Canadian; only US numbers are called.",
        "not_us_caribbean": (
            "The number is in a Caribbean or Atlantic country that shares +1; only US numbers "
            "are called."
        ),
        "foreign_country": (
            "The number has another country's code; only US numbers (+1) are called."
        ),
    },
)
