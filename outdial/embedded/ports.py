"""Finds TCP ports that nothing listens on."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Asks the system for a loopback port that is free at this instant.

    Another program may take it before it is used: whoever binds it must be ready to ask again.

    Returns:
        A port number.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tells whether a loopback port could be bound at this instant.

    Args:
        port: 1 to 65535.

    Returns:
        Whether nothing listens on it. Connections that are still closing don't count.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
