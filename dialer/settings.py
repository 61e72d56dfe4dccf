"""Every setting, read from the environment (prefix `OUTDIAL_`); see docs/settings.md."""

import re
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_DATABASE_FORM = (
    "write it as postgresql://user:password@host:port/name (postgres:// and "
    "postgresql+asyncpg:// are the same)"
)
_QUEUE_FORM = (
    "write it as redis://:password@host:port/0, rediss:// for TLS, or unix:///path/to/socket"
)
_DATABASE_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+asyncpg"})
_QUEUE_SCHEMES = frozenset({"redis", "rediss", "unix"})
# What the driver takes from an address; whatever else libpq knows would end it with a traceback.
_DATABASE_OPTIONS = frozenset({"ssl", "sslmode", "host", "port"})


def database_address(given: str) -> str:
    """Reads a PostgreSQL address as people and hosting services write it.

    Args:
        given: `postgresql://`, `postgres://` or `postgresql+asyncpg://`; `sslmode` may follow.

    Returns:
        The same for SQLAlchemy's asyncpg driver.

    Raises:
        ValueError: It is none; the message says how to write it, and never repeats it.
    """
    parts = _split(given, _DATABASE_FORM)
    if parts.scheme not in _DATABASE_SCHEMES:
        raise ValueError(_DATABASE_FORM)
    options = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if strange := sorted(options - _DATABASE_OPTIONS):
        raise ValueError(f"take the option {strange[0][:50]!r} away; only sslmode can be given")
    rest = given.strip().partition("://")[2]
    return "postgresql+asyncpg://" + re.sub(r"([?&])sslmode=", r"\1ssl=", rest)


def queue_address(given: str) -> str:
    """Reads the address of a Redis or Valkey.

    Args:
        given: `redis://`, `rediss://` (TLS) or `unix://`.

    Returns:
        The same, blanks around it removed.

    Raises:
        ValueError: It is none; the message says how to write it, and never repeats it.
    """
    parts = _split(given, _QUEUE_FORM)
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in _QUEUE_SCHEMES or not place:
        raise ValueError(_QUEUE_FORM)
    return given.strip()


class Settings(BaseSettings):
    """What a process of Outdial is told from outside."""

    model_config = SettingsConfigDict(env_prefix="OUTDIAL_", extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        description="PostgreSQL, as postgresql://user:password@host:port/name; postgres:// and "
        "postgresql+asyncpg:// are the same."
    )
    redis_url: SecretStr = Field(
        description="Redis 7+ or Valkey 8+, as redis://:password@host:port/0; rediss:// with TLS, "
        "unix:// for a socket."
    )
    secret_key: SecretStr = Field(
        description="32 random bytes in URL-safe base64; encrypts credentials at rest."
    )
    home: Path = Field(
        default=Path(".outdial"), description="Folder for slot locks and local data."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines that are written."
    )
    log_format: Literal["json", "console"] = Field(
        default="json", description="One JSON object a line, or coloured text."
    )
    allow_territories: bool = Field(
        default=False, description="Accept numbers of US territories such as Puerto Rico."
    )
    database_pool: int = Field(
        default=10, ge=2, le=100, description="Database connections a process may hold."
    )
    calls_in_flight: int = Field(
        default=64, ge=1, le=500, description="Calls that one worker claims and sends at once."
    )
    claim_horizon_seconds: float = Field(
        default=0.8,
        ge=0.1,
        le=10,
        description="How far ahead of its slot a call is claimed; no fresh lead waits longer for "
        "the slots that others were given before.",
    )
    duty_cache_seconds: float = Field(
        default=30.0, ge=0, le=300, description="How long an agent's duty is believed."
    )
    probe_seconds: float = Field(
        default=15.0, ge=1, le=900, description="How often a parked lane is looked at again."
    )
    history_seconds: float = Field(
        default=5.0,
        ge=0.2,
        le=300,
        description="How often the call history is read while few calls are open.",
    )
    settle_minutes: float = Field(
        default=15.0,
        ge=15,
        le=1440,
        description="Least time before a call that nobody can find may count as not placed.",
    )
    partner_call_timeout_seconds: float = Field(
        default=30.0, ge=1, le=30, description="Longest wait for the answer to a call request."
    )
    poll_delay_ms: int = Field(
        default=20, ge=5, le=1000, description="How often a worker looks for wake-ups."
    )
    drain_seconds: float = Field(
        default=35.0, ge=1, le=300, description="How long a stopping worker waits for its calls."
    )
    body_limit_bytes: int = Field(
        default=1_048_576, ge=1024, le=16_777_216, description="Largest request body accepted."
    )

    @field_validator("database_url")
    @classmethod
    def _read_database(cls, given: SecretStr) -> SecretStr:
        return SecretStr(database_address(given.get_secret_value()))

    @field_validator("redis_url")
    @classmethod
    def _read_queue(cls, given: SecretStr) -> SecretStr:
        return SecretStr(queue_address(given.get_secret_value()))


def _split(given: str, form: str) -> SplitResult:
    try:
        parts = urlsplit(given.strip())
        _ = parts.port
    except ValueError as error:
        raise ValueError(form) from error
    return parts
