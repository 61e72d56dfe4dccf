"""Every reason for which a gate shuts, read from the source, so that no table can miss one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from dialer.rules.calling.gate import BUCKETS
from dialer.rules.calling.window import WHY_CLOSED
from dialer.rules.campaign import CampaignState
from dialer.rules.lead import LeadState

ROOT = Path(__file__).parents[3]
_FAMILIES = {
    "lead_": [str(state) for state in LeadState if state is not LeadState.CALLING],
    "campaign_": [str(state) for state in CampaignState if state is not CampaignState.RUNNING],
}


def at_claim() -> set[str]:
    """Every reason that a claim defers or refuses a lead for."""
    caps = re.findall(r'"(number_\w+)"', _source("rules/calling/caps.py"))
    return {
        *BUCKETS,
        *WHY_CLOSED,
        *caps,
        *_deferrals("rules/calling/gate.py"),
        *_deferrals("pipeline/dialing/gates.py"),
    }


def at_arm() -> set[str]:
    """Every reason that the arm is refused for by the database."""
    sql = _source("store/dialing/gates.py")
    found = set(re.findall(r"THEN\s+'([a-z0-9_]+)'(?!\s*\|\|)", sql))
    for prefix in re.findall(r"THEN '(\w+_)' \|\|", sql):
        found |= {prefix + state for state in _FAMILIES[prefix]}
    return found


def _source(path: str) -> str:
    return (ROOT / "dialer" / path).read_text("utf-8")


def _deferrals(path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(_source(path))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Defer":
            yield from (str(arg.value) for arg in node.args if _is_text(arg))


def _is_text(node: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
