"""Finds things of the API by their ids or exact names."""

from uuid import UUID

from outdial.speaking.client import Client
from outdial.speaking.speech import CommandError


def find_named(client: Client, path: str, wanted: str, *, what: str) -> str:
    """Finds something in a list of the API.

    Args:
        client: The API.
        path: The list, such as `/v1/segments`.
        wanted: An id, or an exact name.
        what: What it is, such as `segment`; its commands are named so, in the plural.

    Returns:
        Its id.

    Raises:
        CommandError: Nothing there has that name.
    """
    try:
        return str(UUID(wanted))
    except ValueError:
        found = [item["id"] for item in client.every(path) if item["name"] == wanted]
    if found:
        return str(found[0])
    raise CommandError(f'no {what} is named "{wanted}"; see `outdial {what}s list`')
