"""Structured logs: a fixed event name plus keys; never a secret, never a whole number."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"\+1(\d{3})\d{3}(\d{4})")
_SECRET = re.compile(r"(?i)(secret|password|token|api_key|authorization|credential)")


def _guard(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if _SECRET.search(key):
            entry[key] = "***"
        elif isinstance(value, str):
            entry[key] = _PHONE.sub(r"+1\1***\2", value)
    return entry


def configure(*, level: str, style: str) -> None:
    """Set up structlog and the standard library's logging for a process.

    Args:
        level: `debug`, `info`, `warning` or `error`.
        style: `json`, one object a line, or `console`.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer = (
        structlog.dev.ConsoleRenderer()
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _guard,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, force=True)
