"""`python -m service`: the API and its pages as one process, told everything by environment."""

import argparse
import socket
import sys

import uvloop
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from dialer import logs, wakeups
from dialer.context import Context
from dialer.pipeline.dialing.warm import warm_up
from dialer.settings import Settings
from dialer.store.engine import create_engine
from dialer.vault import Vault
from service.app import create_app
from service.readiness import StaleSchemaError, check_schema
from service.server import listen, serve

EXIT_SETTINGS = 2
EXIT_ADDRESS = 3
EXIT_SCHEMA = 4
EXIT_DATABASE = 5


def main() -> int:
    """Run until a signal; the exit code says why it ended.

    Returns:
        0 after a signal, 2 for a wrong setting, 3 for an address that is taken, 4 for a stale
        schema, 5 when the database does not answer.
    """
    told = _arguments()
    try:
        settings = Settings()
        Vault(key=settings.secret_key.get_secret_value())
    except (ValidationError, ValueError) as error:
        return _fail(EXIT_SETTINGS, f"settings: {_first_line(error)}")
    logs.configure(level=settings.log_level, style=settings.log_format)
    try:
        listening = listen(told.host, told.port)
    except OSError as error:
        return _fail(EXIT_ADDRESS, f"can't listen on {told.host}:{told.port}: {error.strerror}")
    with listening:
        return uvloop.run(_run(settings, listening))


async def _run(settings: Settings, listening: socket.socket) -> int:
    engine = create_engine(
        settings.database_url.get_secret_value(),
        pool=settings.database_pool,
        name="outdial-service",
    )
    queue = wakeups.connect(settings.redis_url.get_secret_value())
    context = Context(
        settings=settings,
        engine=engine,
        wakeups=wakeups.QueueWakeups(redis=queue),
        vault=Vault(key=settings.secret_key.get_secret_value()),
    )
    try:
        await check_schema(engine)
        await warm_up(context)
        await serve(create_app(context, queue=queue), listening)
    except StaleSchemaError as error:
        return _fail(EXIT_SCHEMA, error.message)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return _fail(EXIT_DATABASE, f"the database does not answer ({type(error).__name__})")
    finally:
        await queue.aclose(close_connection_pool=True)
        await engine.dispose()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m service", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on; 0 takes any")
    return parser.parse_args()


def _first_line(error: ValueError) -> str:
    # pydantic's text would show the value, which may be a secret.
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False)[0]
        return f"OUTDIAL_{'_'.join(map(str, found['loc'])).upper()}: {found['msg']}"
    return str(error)


def _fail(code: int, message: str) -> int:
    sys.stderr.write(f"service: {message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
