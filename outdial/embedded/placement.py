"""Decides where a server's files live so that its account can reach them and nobody else can.

An ordinary user's server lives in the folder it is given. Root's server runs as another account,
which can't pass through, say, /root. Opening the parents would expose a private home, so no mode
or owner of an existing folder is ever changed: the files move to a new folder of ours instead.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from outdial.embedded.accounts import Account, can_enter
from outdial.embedded.errors import DataMissingError, EmbeddedServerError
from outdial.machine.files import read_small, write_private

# Linux, then macOS. What lies in the last one may not outlive a reboot.
_ELSEWHERE = (Path("/var/lib"), Path("/var/db"))
_POINTER = "location"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one server lives.

    Attributes:
        root: A folder that the account can pass through but not write to, closed to others.
        data: The server's own folder in it; it may not exist yet.
        account: Who runs the server; None for this process's own user.
        moved: Whether `root` is not the folder that was asked for.
    """

    root: Path
    data: Path
    account: Account | None
    moved: bool

    def make_data(self, folder: Path) -> None:
        """Creates a folder that the account owns and nobody else can enter, whole or not at all.

        Args:
            folder: The folder under `root`, which must not exist.
        """
        building = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(building, self.account.uid, self.account.gid)
        building.rename(folder)


def settle(directory: Path) -> Placement:
    """Finds the place of a server's files, the same one at every start, creating it if new.

    Args:
        directory: The folder asked for. It is created (parents too) where missing.

    Returns:
        The placement.

    Raises:
        DataMissingError: The data once was elsewhere and isn't any more. Starting empty would
            look like the loss of every lead.
        NoServerAccountError: This is root, and no unprivileged account exists.
    """
    account = Account.for_servers()
    if account is None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _placement(directory, account=None, moved=False)
    pointer = directory / _POINTER
    if pointer.exists():
        return _recorded(pointer, account)
    if (directory / "data").exists():
        return _placement(directory, account=account, moved=False)
    _make_passable(directory, account)
    if can_enter(account, directory):
        return _placement(directory, account=account, moved=False)
    return _move(pointer, account)


def remove(directory: Path) -> None:
    """Deletes a stopped server's files for good, wherever they are.

    Args:
        directory: The folder that was given to `settle`.
    """
    pointer = directory / _POINTER
    if pointer.exists():
        shutil.rmtree(Path(read_small(pointer).strip()), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def _recorded(pointer: Path, account: Account) -> Placement:
    root = Path(read_small(pointer).strip())
    if not root.is_dir():
        raise DataMissingError(
            f"{pointer} says that the data is in {root}, which is gone. Restore that folder, or "
            f"delete {pointer} to begin with an empty server."
        )
    return _placement(root, account=account, moved=True)


def _placement(root: Path, *, account: Account | None, moved: bool) -> Placement:
    data = root / "data"
    # Data made by a user and later started by root stays that user's.
    runner = Account.owning(data) if data.exists() else account
    # Resolved: a running server is recognised by the path it was started with.
    return Placement(root=root.resolve(), data=data.resolve(), account=runner, moved=moved)


def _make_passable(directory: Path, account: Account) -> None:
    if directory.exists():
        return
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700)
    _open_to(directory, account)


def _open_to(folder: Path, account: Account) -> None:
    os.chown(folder, -1, account.gid)
    folder.chmod(0o750)


def _move(pointer: Path, account: Account) -> Placement:
    for parent in (*_ELSEWHERE, Path(tempfile.gettempdir())):
        try:
            root = Path(tempfile.mkdtemp(prefix="outdial-", dir=parent))
        except OSError:
            continue
        _open_to(root, account)
        if can_enter(account, root):
            write_private(root / "belongs-to", f"{pointer.parent}\n")
            write_private(pointer, f"{root}\n")
            return _placement(root, account=account, moved=True)
        root.rmdir()
    raise EmbeddedServerError(
        f"the account {account.name} can reach neither {pointer.parent} nor a folder under "
        f"{', '.join(map(str, _ELSEWHERE))}. Run Outdial as an ordinary user."
    )
