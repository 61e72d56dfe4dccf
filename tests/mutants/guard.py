"""What a guard is: a few lines of production code that an invariant hangs on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One text of one file, and what stands there instead once the guard is out.

    Attributes:
        file: From the root of the checkout.
        old: Stands exactly once in that file.
        new: Leaves the file readable.
    """

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Something that can be taken out, and who misses it.

    Attributes:
        name: Of the mutant, unique.
        keeps: What would happen without it, beginning with the invariants that hang on it.
        edits: How it is taken out.
        tests: Of which at least one fails without it, the quickest first: `path::test`, from
            the folder of the tests.
        storm: The weather in which the model must miss it, too; None where it has no such part.
        hangs: Whether a test without the guard waits for ever, so that a time-out counts.
        equivalent: Why nobody can miss it; None where somebody must.
    """

    name: str
    keeps: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]
    storm: str | None = None
    hangs: bool = False
    equivalent: str | None = None


def guard(
    name: str,
    keeps: str,
    edit: tuple[str, str, str],
    *tests: str,
    storm: str | None = None,
    hangs: bool = False,
    equivalent: str | None = None,
) -> Guard:
    """Make a guard of one edit, which is what nearly all are."""
    return Guard(name, keeps, (Edit(*edit),), tests, storm, hangs, equivalent)
