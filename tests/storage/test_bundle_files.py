"""Bundles on disk are complete or absent, and only ever read as they were published."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hotcrm_ai.domain.errors import ArtifactIntegrity, StorageError
from hotcrm_ai.domain.signature import FeatureSpec, Signature
from hotcrm_ai.local_models.manifest import Manifest, bundle_digest, pack_bundle
from hotcrm_ai.storage import FileBundleStore


def bundle(seed: int = 0, size: int = 1_000) -> dict[str, bytes]:
    """Return the members of a bundle that differs with the seed."""
    manifest = Manifest(
        feature="lead-scoring",
        model_type="classification",
        signature=Signature(features=(FeatureSpec(name="budget", type="number"),)),
        bands={"hot": 0.7},
        metrics={"roc_auc": 0.9},
        origin={"seed": seed},
    )
    return pack_bundle(manifest, {"model.json": b"{}" + bytes(size), "background.json": b"[]"})


def test_a_bundle_comes_back_as_it_was_published(tmp_path: Path) -> None:
    """A published bundle lies under its digest and is read back byte by byte; publishing it again changes nothing."""
    store = FileBundleStore(tmp_path / "models")
    digest = store.publish(bundle())
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "models").rglob("*"))
    assert store.publish(bundle()) == digest == bundle_digest(bundle())
    assert store.read(digest) == bundle()
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "models").rglob("*")) == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == [digest]


def test_bundles_of_the_package_are_read_and_never_written(tmp_path: Path) -> None:
    """A bundle of a read-only root is found, and needs no second copy in the workspace."""
    digest = FileBundleStore(tmp_path / "packaged").publish(bundle())
    store = FileBundleStore(tmp_path / "models", read_only=(tmp_path / "packaged",))
    assert store.read(digest) == bundle()
    assert store.publish(bundle()) == digest
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    "digest", ["../x", "", "A" * 64, "a" * 63, "a" * 64 + "\n", "a" * 32 + "/" + "a" * 31, "/etc/passwd"]
)
def test_what_is_no_digest_is_no_path(tmp_path: Path, digest: str) -> None:
    """Only 64 hexadecimal digits name a bundle; nothing else is ever opened."""
    with pytest.raises(ArtifactIntegrity, match="is no bundle digest"):
        FileBundleStore(tmp_path).read(digest)


def test_an_absent_bundle_is_told(tmp_path: Path) -> None:
    """A digest that nobody published gives a typed error, also where the root itself is missing."""
    with pytest.raises(ArtifactIntegrity, match="There is no bundle"):
        FileBundleStore(tmp_path / "none").read("a" * 64)


@pytest.mark.parametrize("member", sorted(bundle()))
def test_a_flipped_bit_is_found(tmp_path: Path, member: str) -> None:
    """One flipped bit at either end or in the middle of any member is found before anything is parsed; publishing again mends it."""
    store = FileBundleStore(tmp_path)
    digest = store.publish(bundle())
    path = tmp_path / digest / member
    intact = path.read_bytes()
    for place in (0, len(intact) // 2, len(intact) - 1):
        path.write_bytes(intact[:place] + bytes([intact[place] ^ 1]) + intact[place + 1 :])
        with pytest.raises(ArtifactIntegrity):
            store.read(digest)
    assert store.publish(bundle()) == digest
    assert store.read(digest) == bundle()
    assert [path.name for path in tmp_path.iterdir()] == [digest]


def test_a_member_too_few_or_too_many_is_found(tmp_path: Path) -> None:
    """A file that the manifest does not name, and one that is gone, are found."""
    store = FileBundleStore(tmp_path)
    digest = store.publish(bundle())
    (tmp_path / digest / "extra.json").write_bytes(b"{}")
    with pytest.raises(ArtifactIntegrity, match=r"extra\.json"):
        store.read(digest)
    (tmp_path / digest / "extra.json").unlink()
    (tmp_path / digest / "model.json").unlink()
    with pytest.raises(ArtifactIntegrity, match=r"model\.json"):
        store.read(digest)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A member, a bundle, or a pipe in place of a plain file is refused, even if what it leads to is right."""
    store = FileBundleStore(tmp_path / "models")
    digest = store.publish(bundle())
    folder, elsewhere = tmp_path / "models" / digest, tmp_path / "elsewhere"
    (folder / "model.json").rename(elsewhere)
    (folder / "model.json").symlink_to(elsewhere)
    with pytest.raises(ArtifactIntegrity, match=r"'model\.json'"):
        store.read(digest)
    (folder / "model.json").unlink()
    os.mkfifo(folder / "model.json")
    with pytest.raises(ArtifactIntegrity, match="is no plain file"):
        store.read(digest)
    (folder / "model.json").unlink()
    elsewhere.rename(folder / "model.json")
    assert store.read(digest) == bundle()
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    with pytest.raises(ArtifactIntegrity, match="is no plain folder"):
        store.read(digest)


@pytest.mark.parametrize("name", ["../model.json", "a/b", ".hidden", "", "a\x00b", "x" * 129])
def test_members_are_plain_files(tmp_path: Path, name: str) -> None:
    """A member whose name is a path or odd is refused, and nothing is written."""
    with pytest.raises(ArtifactIntegrity, match="is no plain file name"):
        FileBundleStore(tmp_path / "models").publish({**bundle(), name: b""})
    assert not (tmp_path / "models").exists()


def test_a_bundle_that_does_not_fit_its_manifest_is_not_published(tmp_path: Path) -> None:
    """Members that the manifest does not name, and a bundle without a manifest, are refused before anything is written."""
    for members in ({**bundle(), "more.json": b""}, {"model.json": b"{}"}):
        with pytest.raises(ArtifactIntegrity):
            FileBundleStore(tmp_path / "models").publish(members)
    assert not (tmp_path / "models").exists()


def test_a_failing_disk_leaves_nothing(tmp_path: Path) -> None:
    """Where the folder cannot be made, publishing raises a StorageError."""
    (tmp_path / "models").write_bytes(b"a file where the folder should be")
    with pytest.raises(StorageError, match="could not be written"):
        FileBundleStore(tmp_path / "models").publish(bundle())


def test_publishers_at_the_same_time_agree(tmp_path: Path) -> None:
    """Many publishers of few bundles at once all succeed, and every bundle is there once."""
    store = FileBundleStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda i: store.publish(bundle(i % 3)), range(24)))
    assert {path.name for path in tmp_path.iterdir()} == digests
    assert [store.read(bundle_digest(bundle(i))) for i in range(3)] == [bundle(i) for i in range(3)]


PUBLISHERS = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_bundle_files import bundle
from hotcrm_ai.storage import FileBundleStore
for root in sys.stdin:
    publisher = os.fork()
    if not publisher:
        store = FileBundleStore(Path(root.strip()))
        print("publisher", os.getpid(), flush=True)
        for seed in range(1_000_000):
            print(store.publish(bundle(seed, size=200_000)), flush=True)
    os.waitpid(publisher, 0)
    print("killed", flush=True)
"""


def test_killed_publishers_leave_bundles_complete_or_absent(tmp_path: Path) -> None:
    """After 30 kills at random moments every bundle that has its name is intact, every announced one is there, and no rest stays."""
    seed = random.SystemRandom().randrange(10**6)
    moments = random.Random(seed)
    command = [sys.executable, "-c", PUBLISHERS, Path(__file__).parent]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as publishers:
        assert publishers.stdin is not None
        assert publishers.stdout is not None
        unfinished = 0
        for turn in range(30):
            root = tmp_path / str(turn)
            publishers.stdin.write(f"{root}\n")
            publisher = int(publishers.stdout.readline().split()[1])
            announced = [publishers.stdout.readline().strip() for _ in range(moments.randrange(3))]
            with pytest.raises(subprocess.TimeoutExpired):
                publishers.wait(moments.random() * 0.02)
            os.kill(publisher, signal.SIGKILL)
            announced += [line.strip() for line in iter(publishers.stdout.readline, "killed\n")]
            unfinished += _check_after_kill(root, announced, seed)
        publishers.stdin.close()
    assert unfinished, f"no kill met a bundle in the making (seed {seed})"


def _check_after_kill(root: Path, announced: list[str], seed: int) -> int:
    """Check what a killed publisher left, and return how many bundles it had not finished."""
    store = FileBundleStore(root)
    present = [path.name for path in root.iterdir()] if root.exists() else []
    named = [name for name in present if not name.startswith(".")]
    assert set(announced) <= set(named), f"seed {seed}"
    for digest in named:
        store.read(digest)
    store.publish(bundle(-1))
    assert not list(root.glob(".*")), f"seed {seed}"
    return len(present) - len(named)
