"""What no command foresees still ends in one message and exit code 2."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from builders import two_bus
from tieline.cli import main as command_line
from tieline.cli.failures import say, system_message
from tieline.cli.main import main
from tieline.cli.output import format_metric
from tieline.cli.screen import NARROWEST, prepare_streams
from tieline.feeders import save_tables


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (MemoryError(), "more memory than there is"),
        (RecursionError(), "nested deeper"),
        (
            PermissionError(13, "Permission denied", "/some/file"),
            "'/some/file': Permission denied. Check the path",
        ),
        (KeyboardInterrupt(), "interrupted; nothing was written"),
    ],
)
def test_a_failure_is_one_message(
    failure: BaseException,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(command_line, "app", fail)
    assert main([]) == (130 if isinstance(failure, KeyboardInterrupt) else 2)
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_long_path_is_cut() -> None:
    assert len(system_message(OSError(36, "File name too long", "x" * 5000))) < 400


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (float("nan"), "-"),
        (float("inf"), "inf"),
        (3.0, "3"),
        (0.123456789, "0.12346"),
        (12, "12"),
        ("none", "none"),
    ],
)
def test_any_metric_can_be_printed(value: Any, text: str) -> None:
    assert format_metric(value) == text


@pytest.mark.parametrize(
    ("columns", "width"), [("0", 80), ("1", NARROWEST), ("20", NARROWEST), ("100", 100)]
)
def test_a_screen_too_narrow_to_read_is_taken_for_wider(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    prepare_streams()
    assert int(os.environ["COLUMNS"]) == width


def in_a_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command line given to a shell, `tieline` standing for ours."""
    tieline = f"{sys.executable} -m tieline.cli.main"
    return subprocess.run(
        ["bash", "-c", command.replace("tieline", tieline)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (
            "mkdir gone && cd gone && rmdir ../gone && tieline feeders",
            2,
            "current folder does not exist",
        ),
        ("tieline feeders > /dev/full", 2, "No space left on device"),
        ("tieline feeders >&-", 0, ""),
        ("tieline feeders <&- 2>&-", 0, ""),
        ("tieline feeders | head -1; exit ${PIPESTATUS[0]}", 0, ""),
    ],
)
def test_odd_surroundings(
    command: str, code: int, message: str, tmp_path: Path
) -> None:
    ran = in_a_shell(command, tmp_path)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr
    assert message in ran.stderr


def test_an_answer_is_saved_though_nobody_reads_it(tmp_path: Path) -> None:
    save_tables(two_bus(), tmp_path / "feeder")
    run = "tieline run interval --draws 5 --feeder feeder"
    assert (
        in_a_shell(
            f"{run} --out a 2>/dev/null | true; exit ${{PIPESTATUS[0]}}", tmp_path
        ).returncode
        == 0
    )
    assert in_a_shell(f"{run} --out b > /dev/full", tmp_path).returncode == 2
    assert all((tmp_path / name / "result.json").exists() for name in ("a", "b"))


def test_nothing_unfinished_stays_behind_an_answer_that_nobody_reads(
    tmp_path: Path,
) -> None:
    save_tables(two_bus(), tmp_path / "feeder")
    run = "tieline run hosting-capacity --deployments 1 --what-if off --feeder feeder"
    assert in_a_shell(f"{run} --out run > /dev/full", tmp_path).returncode == 2
    assert (tmp_path / "run" / "result.json").exists()
    assert not (tmp_path / "run" / "unfinished").exists()


def test_tables_are_written_though_nobody_reads_the_summary(tmp_path: Path) -> None:
    save_tables(two_bus(), tmp_path / "feeder")
    assert (
        in_a_shell("tieline solve feeder --out tables > /dev/full", tmp_path).returncode
        == 2
    )
    names = sorted(path.name for path in (tmp_path / "tables").glob("*.csv"))
    # the feeder has no tap to tell of
    assert names == ["branches.csv", "nodes.csv"]


def test_an_edited_report_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), Path("feeder"))
    assert (
        main(["run", "interval", "--draws", "5", "--feeder", "feeder", "--out", "run"])
        == 0
    )
    assert main(["report", "run"]) == 0
    report = Path("run") / "report.html"
    report.write_text("with my notes")
    assert main(["report", "run"]) == 2
    assert "was changed since it was written" in capsys.readouterr().err
    assert report.read_text() == "with my notes"
    report.unlink()
    assert main(["report", "run"]) == 0


def files_below(folder: str) -> dict[Path, bytes]:
    return {
        path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
    }


def test_an_answer_is_printed_though_it_cannot_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk fills up while the report is written: the folder, and the run that was in it, are as before."""
    monkeypatch.chdir(tmp_path)
    save_tables(two_bus(), Path("feeder"))
    run = ["run", "interval", "--draws", "5", "--feeder", "feeder", "--out", "run"]
    assert main(run) == 0
    before = files_below("run")
    write = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if path.name == "report.html":
            raise OSError(28, "No space left on device")
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    capsys.readouterr()
    assert main([*run, "--seed", "1", "--force"]) == 2
    printed = capsys.readouterr()
    assert "Lowest voltage" in printed.out
    assert "was not saved in 'run' (No space left on device)" in printed.err
    assert files_below("run") == before


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--limits", "thesis"], "'thesis' is now called 'high-voltage-only'."),
        (["--controls", "feeder"], "'feeder' is now called 'hold'."),
        (["--controls", "full"], "--controls must be 'hold' or 'off'; got 'full'."),
    ],
)
def test_a_word_that_a_flag_took_before_is_answered_with_the_new_one(
    flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "interval", *flags]) == 2
    assert capsys.readouterr().err.strip().endswith(message)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_terminal_gets_lines_that_end_between_words(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(width))
    sentence = "Feeder 'ieee123' has no DER. Add some with --ders-at-loads COUNT:KW."
    command = f"Go on with: tieline run battery --out {'x' * width}"
    say(f"{sentence}\n{command}", 2)
    lines = terminal.getvalue().splitlines()
    assert lines[-1] == command
    assert all(len(line) <= width for line in lines[:-1])
    assert " ".join(lines[:-1]) == f"tieline: {sentence}"


class Terminal(io.StringIO):
    """Standard error as somebody watches it."""

    def isatty(self) -> bool:
        return True
