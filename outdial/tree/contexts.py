"""Opens the core for a command that works on the database itself, and closes it again."""

import contextlib
from collections.abc import AsyncIterator

from pydantic import SecretStr, ValidationError

from dialer.context import Context
from dialer.settings import Settings
from dialer.store.engine import create_engine
from dialer.vault import Vault
from dialer.wakeups import QueueWakeups, connect
from outdial.speaking.speech import CommandError

_POOL = 2


def settings(*, database_url: str, redis_url: str, secret_key: str) -> Settings:
    """Builds settings from these three; the rest comes from the environment.

    Raises:
        CommandError: One of the environment's can't be; it is named, its value isn't shown.
    """
    try:
        return Settings(
            database_url=SecretStr(database_url),
            redis_url=SecretStr(redis_url),
            secret_key=SecretStr(secret_key),
        )
    except ValidationError as error:
        found = error.errors(include_input=False)[0]
        name = "_".join(str(part) for part in found["loc"]).upper()
        # Pydantic puts its own words before ours.
        said = str(found["msg"]).removeprefix("Value error, ")
        raise CommandError(f"OUTDIAL_{name}: {said}") from error


@contextlib.asynccontextmanager
async def opened(told: Settings) -> AsyncIterator[Context]:
    """Lends a context; nothing is connected to before it is used.

    Args:
        told: The settings.

    Raises:
        CommandError: The secret key is no key.
    """
    try:
        vault = Vault(key=told.secret_key.get_secret_value())
    except ValueError as error:
        raise CommandError(str(error)) from error
    engine = create_engine(told.database_url.get_secret_value(), pool=_POOL, name="outdial")
    redis = connect(told.redis_url.get_secret_value(), connections=_POOL)
    try:
        yield Context(settings=told, engine=engine, wakeups=QueueWakeups(redis=redis), vault=vault)
    finally:
        await engine.dispose()
        with contextlib.suppress(OSError):
            await redis.aclose()
            await redis.connection_pool.disconnect()
