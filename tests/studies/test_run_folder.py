"""A run's folder: only what a run wrote is replaced, whole or not at all, by one run at a time."""

from __future__ import annotations

import errno
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.files import SCRATCH, sealed
from tieline.own_files import OwnFiles
from tieline.studies.checkpoint import UNFINISHED
from tieline.studies.folder_lock import LOCK_FILE, FolderInUseError
from tieline.studies.run_folder import RESULT, claim, read_result

ABOUT = {
    "study": "battery",
    "version": "0",
    "config": {"feeder": "ieee33", "seed": 0},
    "metrics": {},
}


def run(folder: Path, **texts: str) -> None:
    """What a run does: claim the folder, then write `table` and what else is given."""
    with claim(folder) as run_folder:
        run_folder.fill(ABOUT, lambda scratch: write(scratch, **texts))


def write(scratch: Path, **texts: str) -> None:
    for name, text in texts.items():
        (scratch / f"{name}.txt").write_text(text)


def content(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text()
        for path in folder.iterdir()
        if path.is_file() and path.name != RESULT
    }


def test_a_run_replaces_what_the_run_before_wrote_and_nothing_else(
    tmp_path: Path,
) -> None:
    run(tmp_path, table="1", stale="1")
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "data").write_text("mine too")
    run(tmp_path, table="2", fresh="2")
    assert content(tmp_path) == {"table.txt": "2", "fresh.txt": "2", "notes.md": "mine"}
    assert (tmp_path / "deep" / "data").read_text() == "mine too"
    assert read_result(tmp_path)[1] == []


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda folder: (folder / RESULT).write_text('{"mine": true}'),
            "did not write",
        ),
        (
            lambda folder: (folder / "table.txt").write_text("edited"),
            "changed since: table.txt",
        ),
        (
            lambda folder: link(folder / "table.txt", folder / "notes"),
            "changed since: table.txt",
        ),
        (lambda folder: (folder / RESULT).unlink(), "holds no earlier run"),
    ],
    ids=["foreign result", "edited table", "link in its place", "no result"],
)
def test_what_may_be_the_users_is_refused_before_any_work(
    tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    run(tmp_path, table="1")
    (tmp_path / "notes").write_text("mine")
    spoil(tmp_path)
    before = content(tmp_path)
    with pytest.raises(InputError, match=message), claim(tmp_path):
        raise AssertionError("work began")
    assert content(tmp_path) == before
    assert (tmp_path / "notes").read_text() == "mine"


def link(place: Path, target: Path) -> None:
    place.unlink()
    place.symlink_to(target)


def test_a_file_that_comes_up_while_the_run_computes_is_not_overwritten(
    tmp_path: Path,
) -> None:
    with claim(tmp_path) as run_folder:
        (tmp_path / "table.txt").write_text("mine")
        with pytest.raises(InputError, match="nothing was overwritten"):
            run_folder.fill(ABOUT, lambda scratch: write(scratch, table="theirs"))
    assert content(tmp_path) == {"table.txt": "mine"}


@pytest.mark.parametrize(
    "place",
    [
        ".",
        "./",
        "../here",
        "../link",
        "../link/",
        "new",
        "new/deep/er",
        "blank name",
        "-n",
        "\udcff",
    ],
)
def test_any_way_to_name_a_folder_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "link").symlink_to("here")
    monkeypatch.chdir(tmp_path / "here")
    for text in ("1", "2"):
        run(Path(place), table=text)
        assert content(Path(place)) == {"table.txt": text}


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("file", "is a file"),
        ("dangling", "does not exist"),
        ("x" * 300, "cannot be written"),
        ("/proc/run", "cannot be written"),
    ],
)
def test_what_cannot_be_a_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("dangling").symlink_to("nowhere")
    with pytest.raises(InputError, match=message):
        run(Path(place), table="1")
    assert {path.name for path in tmp_path.iterdir()} == {"file", "dangling"}


def test_a_folder_that_stays_empty_goes_with_its_parents(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), claim(tmp_path / "a" / "b"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, table="1")

    def full(scratch: Path) -> None:
        write(scratch, table="2")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left"), claim(tmp_path) as run_folder:
        run_folder.fill(ABOUT, full)
    assert content(tmp_path) == {"table.txt": "1"}
    assert {path.name for path in tmp_path.iterdir()} == {"table.txt", RESULT}


@contextmanager
def killed_after(renames: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that dies when it is about to rename once more."""
    rename = Path.replace
    count = itertools.count()

    def killed(path: Path, target: Path) -> Path:
        if next(count) >= renames:
            raise SystemExit
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        yield


@pytest.mark.parametrize("renames", range(4))
def test_a_run_killed_while_it_saves_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    """Killed before the n-th of three renames, the next run finds the old result or goes on to the new one, never a mixture."""
    run(tmp_path, table="1", stale="1")
    with killed_after(renames, monkeypatch):
        if renames < 3:
            with pytest.raises(SystemExit):
                run(tmp_path, table="2", fresh="2")
        else:
            run(tmp_path, table="2", fresh="2")
    with claim(tmp_path):
        assert content(tmp_path) == {
            "table.txt": "2",
            "fresh.txt": "2",
            LOCK_FILE: content(tmp_path)[LOCK_FILE],
        }
        assert read_result(tmp_path)[1] == []
    assert not list(tmp_path.glob(f"{SCRATCH}*"))


def test_what_a_run_only_began_to_write_is_swept_away(tmp_path: Path) -> None:
    run(tmp_path, table="1")
    half = tmp_path / f"{SCRATCH}half"
    half.mkdir()
    (half / "table.txt").write_text("2")
    with claim(tmp_path):
        assert not half.exists()
    assert content(tmp_path) == {"table.txt": "1"}


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with claim(tmp_path / "run"):
        with (
            pytest.raises(
                FolderInUseError, match=f"process {os.getpid()} on .* is writing"
            ),
            claim(tmp_path / "run"),
        ):
            raise AssertionError("work began")
        assert (tmp_path / "run" / LOCK_FILE).exists()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_run_means_nothing(tmp_path: Path) -> None:
    """A process takes the lock and is killed: its file stays, and the next run takes no notice."""
    held = f"""
import os, signal
from pathlib import Path
from tieline.studies.run_folder import claim
with claim(Path({str(tmp_path)!r})):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", held], check=False).returncode == -9
    assert (tmp_path / LOCK_FILE).exists()
    run(tmp_path, table="1")
    assert content(tmp_path) == {"table.txt": "1"}


def test_a_list_that_points_out_of_its_folder_moves_nothing(tmp_path: Path) -> None:
    """Whoever gives us a run folder could name a file of ours in its list."""
    from tieline.files import sha256_of

    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / RESULT).write_text(
        sealed({**ABOUT, "files": {"../victim": sha256_of(victim)}})
    )
    with pytest.raises(InputError, match="left alone"):
        run(folder, table="1")
    assert victim.read_text() == "mine"


def test_a_folder_of_the_user_that_is_named_like_ours_is_left_alone(
    tmp_path: Path,
) -> None:
    """The parts of a run are removed when it ends: nothing of the user's may be taken for one."""
    (tmp_path / UNFINISHED / "house").mkdir(parents=True)
    (tmp_path / UNFINISHED / "house" / "load.parquet").write_text("mine")
    with (
        pytest.raises(
            InputError, match="'unfinished', in which nothing says that a run left it"
        ),
        claim(tmp_path),
    ):
        raise AssertionError("work began")
    assert (tmp_path / UNFINISHED / "house" / "load.parquet").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [UNFINISHED]


def test_the_lock_does_not_empty_what_a_link_of_its_name_leads_to(
    tmp_path: Path,
) -> None:
    (tmp_path / "notes").write_text("mine")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LOCK_FILE).symlink_to(tmp_path / "notes")
    with pytest.raises(InputError, match="cannot be written"):
        run(tmp_path / "run", table="1")
    assert (tmp_path / "notes").read_text() == "mine"


def test_one_writer_does_not_sweep_away_what_another_has_to_go_on_with(
    tmp_path: Path,
) -> None:
    """A run killed just before its renames, in a folder in which `tieline solve` writes next."""
    half = tmp_path / f"{SCRATCH}run"
    half.mkdir()
    (half / RESULT).write_text(sealed({**ABOUT, "files": {}}))
    OwnFiles(tmp_path, "tables.json").recover()
    assert (half / RESULT).exists()
    OwnFiles(tmp_path, RESULT).recover()
    assert [path.name for path in tmp_path.iterdir()] == [RESULT]


def test_own_files_are_told_from_others_without_a_list(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("mine")
    with pytest.raises(InputError, match=r"nodes\.csv"):
        OwnFiles(tmp_path, "tables.json").require_room(["nodes.csv", "taps.csv"])
    OwnFiles(tmp_path, "tables.json").require_room(["taps.csv"])


def test_files_two_folders_below_are_replaced_and_go_with_their_folders(
    tmp_path: Path,
) -> None:
    """As the policies are that a run keeps."""
    for text in ("1", "2"):
        with claim(tmp_path) as run_folder:
            run_folder.fill(ABOUT, lambda scratch, text=text: deep(scratch, text))
    assert read_result(tmp_path)[0]["files"].keys() == {"inputs/policy/a.txt"}
    assert content(tmp_path / "inputs" / "policy") == {"a.txt": "2"}
    run(tmp_path, table="3")
    assert content(tmp_path) == {"table.txt": "3"}
    assert not (tmp_path / "inputs").exists()


@pytest.mark.parametrize("link_name", ["inputs", "inputs/policy"])
def test_no_file_two_folders_below_is_written_through_a_link(
    tmp_path: Path, link_name: str
) -> None:
    (tmp_path / "theirs" / "policy").mkdir(parents=True)
    run(tmp_path / "run", table="1")
    (tmp_path / "run" / link_name).parent.mkdir(exist_ok=True)
    (tmp_path / "run" / link_name).symlink_to(tmp_path / "theirs")
    with (
        pytest.raises(InputError, match=f"changed since: {link_name}"),
        claim(tmp_path / "run") as run_folder,
    ):
        run_folder.fill(ABOUT, lambda scratch: deep(scratch, "2"))
    assert not list((tmp_path / "theirs").rglob("*.txt"))


def deep(scratch: Path, text: str) -> None:
    (scratch / "inputs" / "policy").mkdir(parents=True)
    write(scratch / "inputs" / "policy", a=text)


def nested(scratch: Path, **texts: str) -> None:
    """Tables in a folder below, and one file beside it."""
    write(scratch, table="x")
    (scratch / "feeder").mkdir()
    write(scratch / "feeder", **texts)


def run_nested(folder: Path, **texts: str) -> None:
    with claim(folder) as run_folder:
        run_folder.fill(ABOUT, lambda scratch: nested(scratch, **texts))


def test_files_in_a_folder_below_are_listed_and_replaced(tmp_path: Path) -> None:
    run_nested(tmp_path, lines="1", pvs="1")
    (tmp_path / "feeder" / "notes.md").write_text("mine")
    run_nested(tmp_path, lines="2")
    assert content(tmp_path / "feeder") == {"lines.txt": "2", "notes.md": "mine"}
    assert read_result(tmp_path)[0]["files"].keys() == {"table.txt", "feeder/lines.txt"}
    (tmp_path / "feeder" / "lines.txt").write_text("edited")
    assert read_result(tmp_path)[1] == ["feeder/lines.txt"]
    run(tmp_path / "other", table="1")
    with pytest.raises(InputError, match=r"changed since: feeder/lines\.txt"):
        run_nested(tmp_path, lines="3")
    assert content(tmp_path / "feeder")["lines.txt"] == "edited"


def test_a_folder_below_goes_when_nothing_is_in_it(tmp_path: Path) -> None:
    run_nested(tmp_path, lines="1")
    run(tmp_path, table="2")
    assert {path.name for path in tmp_path.iterdir()} == {"table.txt", RESULT}


@pytest.mark.parametrize("renames", range(5))
def test_a_run_killed_while_it_saves_a_folder_below_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, renames: int
) -> None:
    run_nested(tmp_path, lines="1", pvs="1")
    with killed_after(renames, monkeypatch):
        if renames < 4:
            with pytest.raises(SystemExit):
                run_nested(tmp_path, lines="2", loads="2")
        else:
            run_nested(tmp_path, lines="2", loads="2")
    with claim(tmp_path):
        assert content(tmp_path / "feeder") == {"lines.txt": "2", "loads.txt": "2"}
        assert read_result(tmp_path)[1] == []
    assert not list(tmp_path.glob(f"{SCRATCH}*"))


@pytest.mark.parametrize("what", ["file", "link", "dangling link"])
def test_what_stands_in_the_place_of_a_folder_below_is_left_alone(
    tmp_path: Path, what: str
) -> None:
    """Through a link files of the user would be written, and removed."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "lines.txt").write_text("mine")
    folder = tmp_path / "run"
    run(folder, table="x")
    if what == "file":
        (folder / "feeder").write_text("mine")
    else:
        (folder / "feeder").symlink_to(
            tmp_path / ("theirs" if what == "link" else "nowhere")
        )
    with pytest.raises(InputError, match="left alone"):
        run_nested(folder, lines="1")
    assert (tmp_path / "theirs" / "lines.txt").read_text() == "mine"


def test_a_listed_file_behind_a_link_is_not_removed(tmp_path: Path) -> None:
    """A run folder whose folder below was replaced by a link to its copy elsewhere."""
    run_nested(tmp_path / "run", lines="1")
    (tmp_path / "run" / "feeder").rename(tmp_path / "kept")
    (tmp_path / "run" / "feeder").symlink_to(tmp_path / "kept")
    with pytest.raises(InputError, match="left alone"):
        run(tmp_path / "run", table="2")
    assert (tmp_path / "kept" / "lines.txt").read_text() == "1"


@pytest.mark.parametrize(
    "name", ["../victim", "a/../../victim", "/victim", "a/b/c/d", "..", "a/", ""]
)
def test_a_name_that_leads_out_is_none_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / RESULT).write_text(sealed({**ABOUT, "files": {name: ""}}))
    listed = OwnFiles(tmp_path, RESULT)
    read = listed.read_list()
    assert read is not None
    assert listed.changed(read) == []
