"""The page about the client, and its examples as functions that can be run."""

import inspect
import re
from pathlib import Path
from typing import Any, Final

PAGE: Final = (Path(__file__).parents[2] / "docs" / "partner-client.md").read_text("utf-8")


def _examples() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, block in enumerate(
        re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    ):
        names: dict[str, Any] = {}
        exec(compile(block, f"example {number}", "exec"), names)  # noqa: S102 - the page's own examples
        found |= {name: it for name, it in names.items() if inspect.iscoroutinefunction(it)}
    return found


EXAMPLES: Final = _examples()
"""Each block's async function, by its name."""
