"""Keeps the bundles of local models as folders: complete or absent, named by their digest, checked at every reading."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from hotcrm_ai.domain.errors import ArtifactIntegrity, StorageError
from hotcrm_ai.local_models.manifest import MANIFEST_NAME, bundle_digest, verify_bundle

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MEMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_UNFINISHED: Final = ".unfinished-"


class FileBundleStore:
    """A ``BundleStore`` of folders ``<root>/<digest>/<member>``.

    ``root`` is written to; ``read_only`` roots are asked too, for example that of the bundles that come with the package.
    """

    def __init__(self, root: Path, *, read_only: Sequence[Path] = ()) -> None:
        self._root = root
        self._roots = (root, *read_only)

    def publish(self, members: Mapping[str, bytes]) -> str:
        """Write a bundle durably and return its digest; one that is already there intact is left alone.

        Everything is written and synced in a folder of its own, which takes its final name in one step.

        Raises:
            ArtifactIntegrity: the members do not fit their manifest, or a name is no plain file name.
            StorageError: the disk failed; nothing is left behind.
        """
        digest = _check_members(members)
        try:
            if not self._is_intact(digest):
                self._write(members, digest)
        except OSError as problem:
            raise StorageError(
                f"Bundle {digest!r} could not be written ({problem.strerror}); check the disk of the workspace folder."
            ) from problem
        return digest

    def read(self, digest: str) -> dict[str, bytes]:
        """Return all members of a bundle after checking each of them; links are never followed.

        Raises:
            ArtifactIntegrity: the digest is none, no root has the bundle, or what it holds is not what was published.
        """
        if not _DIGEST.fullmatch(digest):
            raise ArtifactIntegrity(f"{digest[:80]!r} is no bundle digest; it has 64 of 0-9 and a-f.")
        failure: ArtifactIntegrity | None = None
        for root in self._roots:
            try:
                members = _read_folder(root, digest)
                verify_bundle(members, digest)
                return members
            except FileNotFoundError:
                continue
            except ArtifactIntegrity as problem:
                failure = failure or problem
        raise failure or ArtifactIntegrity(f"There is no bundle {digest!r}; train or import the model again.")

    def _is_intact(self, digest: str) -> bool:
        try:
            self.read(digest)
        except ArtifactIntegrity:
            return False
        return True

    def _write(self, members: Mapping[str, bytes], digest: str) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        with _locked(self._root) as root:
            if self._is_intact(digest):
                return
            _remove_unfinished(self._root)
            with _unfinished_folder(self._root) as folder:
                for name, content in members.items():
                    _write_file(folder / name, content)
                _sync(folder)
                _take_name(folder, self._root / digest)
            os.fsync(root)


def _check_members(members: Mapping[str, bytes]) -> str:
    odd = [name for name in members if not _MEMBER.fullmatch(name)]
    if odd:
        raise ArtifactIntegrity(f"{odd[0][:80]!r} is no plain file name, so the bundle was not published.")
    if MANIFEST_NAME not in members:
        raise ArtifactIntegrity(f"A bundle needs a {MANIFEST_NAME}; nothing was published.")
    digest = bundle_digest(members)
    verify_bundle(members, digest)
    return digest


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[int]:
    """Let one process at a time publish; the system frees the lock of a process that was killed."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _unfinished_folder(root: Path) -> Iterator[Path]:
    """Give a new folder, removed unless it was given its final name."""
    folder = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_unfinished(root: Path) -> None:
    """Remove what killed processes left behind; the lock's holder knows that nobody is at work on it."""
    for folder in root.glob(f"{_UNFINISHED}*"):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink()


def _take_name(folder: Path, target: Path) -> None:
    """Rename to the final name; a damaged bundle of that name makes room first."""
    folder.chmod(0o755)
    if target.is_symlink() or target.exists():
        target.rename(folder.with_name(f"{folder.name}-replaced"))
    folder.rename(target)
    _remove_unfinished(target.parent)


def _write_file(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_folder(root: Path, digest: str) -> dict[str, bytes]:
    try:
        folder = os.open(root / digest, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise ArtifactIntegrity(f"Bundle {digest!r} is no plain folder; publish the model again.") from problem
    try:
        return {name: _read_member(folder, name, digest) for name in sorted(os.listdir(folder))}
    finally:
        os.close(folder)


def _read_member(folder: int, name: str, digest: str) -> bytes:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ArtifactIntegrity(f"{name!r} of bundle {digest!r} is no plain file; publish the model again.")
            return file.read()
    except OSError as problem:
        raise ArtifactIntegrity(
            f"{name!r} of bundle {digest!r} cannot be read ({problem.strerror}); publish the model again."
        ) from problem
