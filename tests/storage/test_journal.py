"""The journal keeps whole records through every kind of end, gives each to one process, and says when it can take no more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.storage import Journal

Logged = Callable[..., Any]

FULL_DISK = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from hotcrm_ai.domain.errors import StorageError
from hotcrm_ai.domain.prediction import LoggedPrediction
from hotcrm_ai.storage import Journal

one = msgspec.json.decode(sys.argv[2], type=LoggedPrediction)
journal = Journal(Path(sys.argv[1]), "ours")
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, resource.RLIM_INFINITY))
taken = 0
try:
    while True:
        journal.append(msgspec.structs.replace(one, id=f"p{taken}"))
        taken += 1
except StorageError as problem:
    assert "the disk is full" in str(problem), problem
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append(msgspec.structs.replace(one, id="after"))
print(taken)
import os
os._exit(9)
"""


def left_behind(folder: Path) -> list[str]:
    """Take over what a folder holds, as the next process does, and return the ids."""
    journal = Journal(folder, "ours")
    journal.adopt()
    ids = [prediction.id for prediction in journal.waiting()]
    journal.close()
    return ids


def files(folder: Path) -> list[Path]:
    """Return the journal files of a folder."""
    return sorted(folder.glob("*.journal"))


def test_what_was_written_is_found_by_the_next_process(tmp_path: Path, logged: Logged) -> None:
    """Predictions of a closed journal come back field by field, in order."""
    journal = Journal(tmp_path, "ours")
    written = [logged(f"p{number}", attempts=[{"number": number}]) for number in range(3)]
    for prediction in written:
        journal.append(prediction)
    journal.close()
    other = Journal(tmp_path, "ours")
    assert other.adopt() == 3
    assert list(other.waiting()) == written
    other.close()


def test_a_file_is_held_by_one_process(tmp_path: Path, logged: Logged) -> None:
    """What a living journal holds is taken over by nobody, and what one took over by nobody else."""
    living = Journal(tmp_path, "ours")
    living.append(logged("p1"))
    assert Journal(tmp_path, "ours").adopt() == 0
    living.close()
    heir = Journal(tmp_path, "ours")
    assert heir.adopt() == 1
    assert Journal(tmp_path, "ours").adopt() == 0
    heir.close()


def test_other_workspaces_are_left_alone(tmp_path: Path, logged: Logged) -> None:
    """A file of another workspace in the same folder is neither read nor deleted."""
    theirs = Journal(tmp_path, "theirs")
    theirs.append(logged("p1"))
    theirs.close()
    ours = Journal(tmp_path, "ours")
    assert ours.adopt() == 0
    assert ours.get("p1") is None
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_a_torn_end_costs_only_the_torn_record(tmp_path: Path, logged: Logged, cut: int) -> None:
    """Of a file whose last record lacks bytes, all records before it are read."""
    journal = Journal(tmp_path, "ours")
    for number in range(3):
        journal.append(logged(f"p{number}"))
    journal.close()
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:-cut])
    assert left_behind(tmp_path) == ["p0", "p1"]


def test_an_altered_record_costs_only_itself(tmp_path: Path, logged: Logged) -> None:
    """A flipped bit inside of one record leaves those before and behind it readable."""
    journal = Journal(tmp_path, "ours")
    for number in range(3):
        journal.append(logged(f"p{number}"))
    journal.close()
    (file,) = files(tmp_path)
    content = bytearray(file.read_bytes())
    content[content.index(b'"p1"') + 1] ^= 1
    file.write_bytes(content)
    assert left_behind(tmp_path) == ["p0", "p2"]


def test_a_file_is_emptied_when_all_is_in_the_database(tmp_path: Path, logged: Logged) -> None:
    """Done records leave nothing behind that another start would read, and an empty file goes when the journal is closed."""
    journal = Journal(tmp_path, "ours")
    journal.append(logged("p1", object_id="somebody"))
    journal.done(["p1"])
    (file,) = files(tmp_path)
    assert b"somebody" not in file.read_bytes()
    journal.append(logged("p2"))
    assert [prediction.id for prediction in journal.waiting()] == ["p2"]
    journal.done(["p2"])
    journal.close()
    assert files(tmp_path) == []


def test_long_journals_are_parted(tmp_path: Path, logged: Logged) -> None:
    """Past the size of one file another is begun, and a file goes as soon as all of it is done, in whatever order."""
    journal = Journal(tmp_path, "ours", segment_bytes=1_500)
    for number in range(9):
        journal.append(logged(f"p{number}"))
    count = len(files(tmp_path))
    assert count >= 3
    assert len(journal) == 9
    journal.done(["p4", "p5", "p3"])
    assert len(files(tmp_path)) == count - 1
    journal.close()
    assert left_behind(tmp_path) == ["p0", "p1", "p2", "p6", "p7", "p8"]


def test_a_full_journal_says_so_and_takes_again_when_there_is_room(tmp_path: Path, logged: Logged) -> None:
    """At its limit the journal refuses with what to do; once records are done it takes new ones."""
    journal = Journal(tmp_path, "ours", largest_bytes=1_800)
    journal.append(logged("p1"))
    journal.append(logged("p2"))
    with pytest.raises(StorageError, match="2 predictions wait for the database; bring the database back"):
        journal.append(logged("p3"))
    journal.done(["p1", "p2"])
    journal.append(logged("p3"))
    assert [prediction.id for prediction in journal.waiting()] == ["p3"]
    journal.close()


def test_a_full_disk_refuses_and_keeps_what_was_taken(tmp_path: Path, logged: Logged) -> None:
    """When a file may not grow, the prediction is refused as a whole, and writing goes on once there is room again."""
    import msgspec

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path), msgspec.json.encode(logged("p")).decode()],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 9, done.stderr
    taken = int(done.stdout)
    assert taken >= 3
    assert left_behind(tmp_path) == [*(f"p{number}" for number in range(taken)), "after"]
