"""Says what can go wrong with an embedded server, each fault with a stable code."""


class EmbeddedServerError(Exception):
    """An embedded server can't run."""

    code = "embedded_server"


class BinaryMissingError(EmbeddedServerError):
    """The installed packages hold no server program for this machine."""

    code = "embedded_binary_missing"


class NoServerAccountError(EmbeddedServerError):
    """Root has no unprivileged account to run a server as."""

    code = "embedded_no_account"


class DataMissingError(EmbeddedServerError):
    """The folder recorded as holding a server's data is gone."""

    code = "embedded_data_missing"


class StartFailedError(EmbeddedServerError):
    """A server ended, or stayed silent, while it was being started."""

    code = "embedded_start_failed"


class PortTakenError(StartFailedError):
    """Another program took the port before the server could bind it."""

    code = "embedded_port_taken"
