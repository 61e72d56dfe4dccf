"""Gives the JSON Schema by which editors complete, explain and check a manifest."""

from typing import Any

from provision.manifest.grammar.root import MANIFEST

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The JSON Schema of a manifest (draft 2020-12).

    It says what an editor can tell from the file alone. References, graphs, hours that end
    before they start and files on disk are checked by the reader only.
    """
    return {
        "$schema": DIALECT,
        "title": "Voice agents as code",
        "description": "A business's calendar, tools, knowledge files and voice agents.",
        **MANIFEST.schema(),
    }
