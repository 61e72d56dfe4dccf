"""People who come in over a year: where each really lives, and what a source says of it.

The towns of `places.csv` are of every state, and of both sides where a zone's border divides one.
Whoever moved has a number of elsewhere, and then an address that says so: no rule could know it
otherwise. Numbers come again, as they do within a year, under another name.
"""

import csv
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

MOVED = 0.3
CONSENTED = 0.2
HURRIED = 0.05
"""The share of those whose lead expires soon, and of those who ask not to be called at once."""

_PRIORITIES = (0, 0, 0, 5, -5)


@dataclass(frozen=True, slots=True)
class Place:
    """A town with a clock and a law."""

    city: str
    state: str
    zone: str
    area_code: str
    postal_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who comes in as a lead.

    Attributes:
        name: The lead's external id.
        home: Where the person really is.
        at: When the lead is posted.
        phone: E.164.
        timezone: What the source says, and so with the two below.
        consented: Whether consent is on record.
        not_before: No call before it.
        expires_at: No call from it on.
        priority: Higher is called sooner.
    """

    name: str
    home: Place
    at: datetime
    phone: str
    timezone: str | None = None
    postal_code: str | None = None
    state: str | None = None
    consented: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    priority: int = 0

    def as_lead(self) -> dict[str, object]:
        """The lead as it is posted."""
        fields = {
            "timezone": self.timezone,
            "postal_code": self.postal_code,
            "state": self.state,
            "not_before": self.not_before and self.not_before.isoformat(),
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "consent": {"given": True, "source": "web form"} if self.consented else None,
        }
        return {
            "phone": self.phone,
            "name": f"Person {self.name}",
            "external_id": self.name,
            "priority": self.priority,
            **{name: value for name, value in fields.items() if value is not None},
        }


def places() -> tuple[Place, ...]:
    """Every town."""
    with (Path(__file__).parent / "places.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Place(**row) for row in csv.DictReader(file))


def people(*, seed: int, count: int, start: datetime, days: float) -> list[Person]:
    """That many people who come in evenly over some days, at any hour, in order."""
    chance = random.Random(seed)  # noqa: S311 -- reproducible people
    towns = places()
    instants = sorted(
        start + timedelta(seconds=chance.randrange(round(days * 86_400))) for _ in range(count)
    )
    return [_person(chance, towns, name=f"y{number}", at=at) for number, at in enumerate(instants)]


def _person(chance: random.Random, towns: tuple[Place, ...], *, name: str, at: datetime) -> Person:
    home = chance.choice(towns)
    moved = chance.random() < MOVED
    code = chance.choice(towns).area_code if moved else home.area_code
    person = Person(
        name=name,
        home=home,
        at=at,
        phone=f"+1{code}55501{chance.randrange(100):02}",
        consented=chance.random() < CONSENTED,
        priority=chance.choice(_PRIORITIES),
    )
    return _hurried(chance, _told(chance, person, moved=moved))


def _told(chance: random.Random, person: Person, *, moved: bool) -> Person:
    home = person.home
    clues = (
        replace(person, postal_code=home.postal_code),
        replace(person, state=home.state),
        replace(person, state=home.state, timezone=home.zone),
        person,
        person,
    )
    return chance.choice(clues[:3] if moved else clues)


def _hurried(chance: random.Random, person: Person) -> Person:
    draw = chance.random()
    if draw < HURRIED:
        return replace(person, expires_at=person.at + timedelta(hours=chance.randint(2, 72)))
    if draw < 2 * HURRIED:
        return replace(person, not_before=person.at + timedelta(hours=chance.randint(1, 48)))
    return person
