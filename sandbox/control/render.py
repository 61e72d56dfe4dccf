"""Writes the page from its templates, and keeps the files that it loads at hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.control.rows import Board

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # With no-referrer a browser sends a form with "Origin: null", even from our own page.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page loads."""

    content: bytes
    media_type: str
    etag: str


def write(template: str, board: Board, token: str) -> str:
    """The page, ``page.html``, or its changing part, ``live.html``.

    Everything is escaped; what came from outside stands in ``bdi``, so that it can't turn
    round the text beside it.
    """
    return _ENVIRONMENT.get_template(template).render(board=board, token=token)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words"] = _words
    return made


def _words(code: str) -> str:
    return code.replace("_", " ").lower()


def _assets() -> Mapping[str, Asset]:
    found = {}
    for path in (HERE / "static").iterdir():
        content = path.read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        found[path.name] = Asset(content, MEDIA_TYPES[path.suffix], etag)
    return found


_ENVIRONMENT = _environment()
ASSETS = _assets()
"""The page's files by name."""
