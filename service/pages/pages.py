"""Renders the pages: Jinja with autoescape, under a policy that allows nothing inline."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from dialer.rules.proof.decision import DECISIONS
from service.http.envelope import PAGE_POLICY

_HERE = Path(__file__).parents[1]
STATIC = _HERE / "static"
_SHORT_BODY = 120
_SHORT_TEXT = 300


def _time(at: datetime | None) -> str:
    return at.strftime("%H:%M:%S") if at else ""


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M") if at else ""


def _second(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _local(at: datetime, zones: Sequence[str]) -> str:
    return ", ".join(at.astimezone(ZoneInfo(zone)).strftime("%a %H:%M %Z") for zone in zones)


def _number(count: float | Decimal) -> str:
    return f"{count:,}"


def _told(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{_moment(value)} UTC"
        case list() | dict():
            return _brief_text(json.dumps(value, ensure_ascii=False, default=str))
        case _:
            return _brief_text(str(value))


def _brief_text(text: str) -> str:
    return text if len(text) <= _SHORT_TEXT else text[:_SHORT_TEXT] + "…"


def _words(code: str | None) -> str:
    return (code or "").replace("phone.", "").replace("_", " ")


def _brief(body: Mapping[str, object]) -> str:
    shown = ", ".join(
        f"{_words(name)} {value}"
        for name, value in body.items()
        if isinstance(value, str | int | float) and not name.endswith("_id")
    )
    return shown if len(shown) <= _SHORT_BODY else shown[:_SHORT_BODY] + "…"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": _time,
        "moment": _moment,
        "second": _second,
        "local": _local,
        "number": _number,
        "told": _told,
        "brief_text": _brief_text,
        "words": _words,
        "brief": _brief,
    }
    environment.globals["decisions"] = DECISIONS
    return environment


_ENVIRONMENT = _environment()


def render(template: str, **values: object) -> str:
    """Render a template."""
    return _ENVIRONMENT.get_template(template).render(values)


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Answer with a page."""
    return HTMLResponse(
        render(template, **values), status, {"Content-Security-Policy": PAGE_POLICY}
    )


class Assets(StaticFiles):
    """The pages' own files, which a browser may keep for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response
