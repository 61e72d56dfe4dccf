"""Decides what the page offers to turn: a switch for each fault, with the settings it reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.faults import FAULTS, NARROW, WHOLE, Fault, FaultBook, FaultName, Kind, Target

EVERY_REQUEST = "Any request"
STANDING_SHOWN = 5
GROUPS: Mapping[Target, str] = {
    Target.CALL: "Calls",
    Target.HISTORY: "Call history",
    Target.AGENTS: "Agents",
    Target.VOICES: "Voices",
    Target.TOOLS: "Tools",
    Target.FILES: "Files",
    Target.INTEGRATIONS: "Calendar",
    Target.TOKEN: "Tokens",
    Target.ANY: EVERY_REQUEST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a fault: a field of the form.

    ``options`` are the values to choose from; where there are none, ``kind`` is the type of the
    input and ``default`` what holds when it is left empty.
    """

    name: str
    label: str
    default: str
    kind: str = "number"
    options: Sequence[str] = ()
    least: str = ""
    most: str = ""
    step: str = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A fault that was set: where it strikes, and how often it did and will."""

    id: str
    on: str
    hits: int
    left: str
    spent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A fault's switch; it is on while one of that name can still strike.

    ``does`` tells what it does in pieces; the true ones are names of settings.
    """

    name: str
    does: Sequence[tuple[str, bool]]
    settings: Sequence[Setting]
    standing: Sequence[Standing]

    @property
    def on(self) -> bool:
        """Whether one of that name can still strike."""
        return any(not fault.spent for fault in self.standing)

    @property
    def hits(self) -> int:
        """How often those of that name struck."""
        return sum(fault.hits for fault in self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Switches that strike in one place."""

    title: str
    switches: Sequence[Switch]

    @property
    def on(self) -> int:
        """How many are on."""
        return sum(switch.on for switch in self.switches)


def groups_of(faults: Iterable[Fault]) -> list[Group]:
    """A switch for every fault there is, those for calls first.

    Args:
        faults: What was set, oldest first.
    """
    standing: dict[FaultName, list[Standing]] = {}
    for fault in faults:
        standing.setdefault(fault.name, []).append(_standing(fault))
    found: dict[str, list[Switch]] = {title: [] for title in GROUPS.values()}
    for name, kind in FAULTS.items():
        title = GROUPS[kind.usual] if len(kind.targets) == 1 else EVERY_REQUEST
        switch = Switch(
            name=name,
            does=[(text, at % 2 == 1) for at, text in enumerate(kind.does.split("`"))],
            settings=_SETTINGS[name],
            standing=standing.get(name, ())[-STANDING_SHOWN:],
        )
        found[title].append(switch)
    return [Group(title=title, switches=those) for title, those in found.items() if those]


def lift_spent(faults: FaultBook, name: FaultName) -> None:
    """Forget the faults of a name that will not strike again."""
    for fault in list(faults):
        if fault.name is name and fault.remaining == 0:
            faults.remove(fault.id)


def lift_named(faults: FaultBook, name: FaultName) -> int:
    """Lift all faults of a name; how many there were."""
    lifted = [fault.id for fault in faults if fault.name is name]
    return sum(faults.remove(fault_id) for fault_id in lifted)


def _standing(fault: Fault) -> Standing:
    shown: Mapping[str, Any] = fault.described()
    parts = [str(shown[part]) for part in ("route", "phone", "agent_id") if shown[part]]
    left = fault.remaining
    return Standing(
        id=fault.id,
        on=" ".join(parts),
        hits=fault.hits,
        left="until switched off" if left is None else "spent" if left == 0 else f"{left} left",
        spent=left == 0,
    )


def _settings(name: FaultName, kind: Kind) -> list[Setting]:
    found = [
        Setting(name="count", label="How many times", default="", least="1", step="1"),
        Setting(name="probability", label="Probability", default="1", least="0", most="1"),
    ]
    if kind.seconds is not None:
        found.append(
            Setting(name="seconds", label="Seconds", default=f"{kind.seconds:g}", least="0")
        )
    if kind.status is not None:
        found.append(
            Setting(
                name="status",
                label="Status",
                default=str(kind.status),
                least="400",
                most="599",
                step="1",
            )
        )
    if kind.retry_after is not None:
        found.append(
            Setting(name="retry_after", label="Retry-After", default=kind.retry_after, kind="text")
        )
    if kind.rang is not None:
        options = ("true", "false") if kind.rang else ("false", "true")
        found.append(Setting(name="rang", label="Rings", default=options[0], options=options))
    return found + _places(name, kind)


def _places(name: FaultName, kind: Kind) -> list[Setting]:
    found = []
    if len(kind.targets) > 1:
        others = sorted(kind.targets - {kind.usual})
        found.append(
            Setting(
                name="route",
                label="Requests",
                default=kind.usual,
                options=(kind.usual, *others),
            )
        )
    if Target.CALL in kind.targets and name not in WHOLE:
        found.append(Setting(name="phone", label="Only this number", default="", kind="tel"))
    if kind.targets & NARROW and name not in WHOLE:
        found.append(Setting(name="agent_id", label="Only this agent", default="", kind="text"))
    return found


_SETTINGS = {name: _settings(name, kind) for name, kind in FAULTS.items()}
