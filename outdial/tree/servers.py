"""Keeps the database and the queue of a tree running: embedded, unless others are named."""

import threading
from collections.abc import Callable, Mapping

from outdial.embedded.errors import EmbeddedServerError
from outdial.embedded.postgres import EmbeddedPostgres
from outdial.embedded.valkey import EmbeddedValkey
from outdial.machine.home import Home
from outdial.tree import addresses

_LOOK_SECONDS = 1.0


class Servers:
    """The embedded servers that a tree needs: both, one or none."""

    def __init__(
        self, *, home: Home, environ: Mapping[str, str], emit: Callable[[str, str], None]
    ) -> None:
        """Decides which are needed; nothing is started.

        Args:
            home: The data folder.
            environ: OUTDIAL_DATABASE_URL and OUTDIAL_REDIS_URL name servers to use instead.
            emit: Takes a name and a line for people.
        """
        self._environ = environ
        self._emit = emit
        self._postgres = EmbeddedPostgres(
            directory=home.postgres, announce=lambda line: emit("postgres", line)
        )
        self._valkey = EmbeddedValkey(
            directory=home.valkey, announce=lambda line: emit("valkey", line)
        )
        self._closing = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="servers", daemon=True)
        self._kept: dict[str, tuple[EmbeddedPostgres | EmbeddedValkey, str]] = {}

    def start(self) -> tuple[str, str]:
        """Starts or adopts what is needed, and from then on starts again what dies.

        Returns:
            The URLs of the database and of the queue.

        Raises:
            EmbeddedServerError: One can't run here.
            CommandError: An address of the environment can't be one.
        """
        named = addresses.database_url(self._environ), addresses.redis_url(self._environ)
        database = named[0] or self._begin("postgres", self._postgres)
        queue = named[1] or self._begin("valkey", self._valkey)
        self._keeper.start()
        return database, queue

    def stop(self) -> None:
        """Stops what this object started or adopted, the queue before the database."""
        self._closing.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for server, _ in reversed(self._kept.values()):
            server.stop()

    def _begin(self, name: str, server: EmbeddedPostgres | EmbeddedValkey) -> str:
        url = server.start()
        self._kept[name] = (server, url)
        return url

    def _keep(self) -> None:
        while not self._closing.wait(_LOOK_SECONDS):
            for name, (server, url) in self._kept.items():
                if not server.running():
                    self._revive(name, server, url)

    def _revive(self, name: str, server: EmbeddedPostgres | EmbeddedValkey, url: str) -> None:
        self._emit(name, "ended unexpectedly; starting again")
        try:
            if server.start() != url:
                # The programs know the old address only.
                self._emit(name, "its port was taken meanwhile: stop `outdial up`, start it anew")
        except (EmbeddedServerError, OSError) as error:
            self._emit(name, f"doesn't start: {error}")
