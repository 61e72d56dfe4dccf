"""Turns words about a person into words to that person: the caller's name, your name."""

import re

PEOPLE = (
    r"(?:the|an?) (?:caller|customer|lead|person|client|prospect|patient|guest|homeowner|user"
    r"|tenant|buyer|resident|visitor|member|driver|parent|applicant|candidate|contact)"
)
_TO_I = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"\byou're\b|\byou are\b", "I am"),
        (r"\byou'll\b|\byou will\b", "I will"),
        (r"\b(there|it|that)'s\b", r"\1 is"),
        (r"\byou were\b", "I was"),
        (r"\byours?\b", "our"),
        (
            r"\byou\b(?= (?:can|could|may|would|have|call|offer|do|want|work|need|look))",
            "I",
        ),
        (r"^you\b", "we"),
        (r"\b(that|whether|what|how|when|where|why|which|who|if) you\b", r"\1 we"),
        (r"\byou\b", "me"),
    )
)
_TO_YOU = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (rf"\b{PEOPLE}s?(?:'s|')", "your"),
        (rf"\b{PEOPLE}s?\b(?! (?:the|whom?|you|with|in|we|I)\b)", "you"),
        (r"\b(?:they're|they are|he is|she is)\b", "you are"),
        (r"\b(?:they|them|him|he|she|themselves)\b", "you"),
        (r"\b(?:theirs?|his|her)\b", "your"),
        (r"\byou is\b", "you are"),
        (r"\byou has\b", "you have"),
        (r"\byou was\b", "you were"),
        (r"\byou does\b", "you do"),
        (
            r"\byou (still |also |really )?"  # noqa: ISC004 -- one pattern, too long for a line
            r"(want|need|prefer|like|accept|agree|own|rent|live|work|call|use|know|plan)s\b",
            r"you \1\2",
        ),
    )
)


def spoken_to(text: str) -> str:
    """The words as they are said to the person, by whom the prompt calls ``you``."""
    for pattern, said in (*_TO_I, *_TO_YOU):
        text = pattern.sub(said, text)
    return re.sub(r"(?<=\w)  +", " ", text)
