"""What a command is at, on a terminal and nowhere else."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from tieline.cli.working import COMPILING, working


class Terminal(io.StringIO):
    """Standard error as somebody watches it."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("is_silent", "shows"), [(False, True), (True, False)])
def test_a_terminal_sees_what_is_done_and_that_kernels_are_compiled(
    is_silent: bool, shows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    log = logging.getLogger("tieline.kernels")
    with working("solving a", is_silent):
        log.info("compiling x")
    assert isinstance(sys.stderr, Terminal)
    assert ("solving a" in sys.stderr.getvalue()) is shows
    assert not log.handlers


def test_a_file_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with working("solving a"):
        logging.getLogger("tieline.kernels").info("compiling x")
    out = capsys.readouterr()
    assert out.out + out.err == ""
    assert "once on this machine" in COMPILING
