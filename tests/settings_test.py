"""Addresses of servers are read as people and hosting services write them, or told in a line."""

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy.engine import make_url

from dialer.settings import Settings, database_address, queue_address

OURS = "postgresql+asyncpg://outdial:a%40b@db.example.com:5432/outdial"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg", "POSTGRES"])
def test_every_form_of_a_database_address_is_read(scheme: str) -> None:
    given = OURS.replace("postgresql+asyncpg", scheme)
    assert database_address(f" {given}\n") == OURS


def test_what_hosting_services_add_is_read() -> None:
    read = make_url(database_address("postgres://u:p@db.example.com/outdial?sslmode=require"))
    assert read.drivername == "postgresql+asyncpg"
    assert dict(read.query) == {"ssl": "require"}


@pytest.mark.parametrize(
    "given",
    [
        "",
        "nonsense",
        "mysql://outdial:a-secret@db.example.com/outdial",
        "postgresql+psycopg2://outdial:a-secret@db.example.com/outdial",
        "postgresql://outdial:a-secret@db.example.com:port/outdial",
        "postgresql://outdial:a-secret@[::1/outdial",
        "postgresql://outdial:a-secret@db.example.com/outdial?channel_binding=require",
    ],
)
def test_another_database_address_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(ValueError, match=r"postgresql://user|option 'channel_binding'") as caught:
        database_address(given)
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    ["redis://:pw@queue.example.com:6379/0", "rediss://queue.example.com", "unix:///run/v.sock"],
)
def test_every_form_of_a_queue_address_is_read(given: str) -> None:
    assert queue_address(given) == given


@pytest.mark.parametrize(
    "given", ["", "redis://", "unix://", "http://queue.example.com", "redis://:a-secret@h:port/0"]
)
def test_another_queue_address_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="redis://:password@host") as caught:
        queue_address(given)
    assert "a-secret" not in str(caught.value)


def test_settings_read_addresses_so() -> None:
    told = Settings(
        database_url=SecretStr("postgres://u:p@db.example.com/outdial"),
        redis_url=SecretStr("redis://queue.example.com"),
        secret_key=SecretStr("x"),
    )
    assert (
        told.database_url.get_secret_value() == "postgresql+asyncpg://u:p@db.example.com/outdial"
    )
    with pytest.raises(ValidationError, match="database_url"):
        Settings(
            database_url=SecretStr("mysql://x"),
            redis_url=SecretStr("redis://queue.example.com"),
            secret_key=SecretStr("x"),
        )


@pytest.mark.parametrize(("minutes", "fits"), [(15, True), (14.9, False), (0, False)])
def test_the_settling_is_never_shorter_than_a_quarter_of_an_hour(
    minutes: float, *, fits: bool
) -> None:
    def settings() -> Settings:
        return Settings(
            database_url=SecretStr("postgres://u:p@db.example.com/outdial"),
            redis_url=SecretStr("redis://queue.example.com"),
            secret_key=SecretStr("x"),
            settle_minutes=minutes,
        )

    if fits:
        assert settings().settle_minutes == minutes
    else:
        with pytest.raises(ValidationError, match="settle_minutes"):
            settings()
