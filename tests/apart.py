"""The command line in a process of its own, so that a crash, an endless loop or a word of the engine's own is seen as such.

`run_apart` makes a process for one command, `LastingCopy` one for many: what the first of them starts and loads, among it the
process that reads OpenDSS files, the next ones find there.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a command came to: exit code (negative: the signal that ended it; None: it did not end in time), what it printed."""

    code: int | None
    out: str
    err: str


def _never() -> bool:
    return False


def run_apart(
    arguments: list[str],
    folder: Path,
    timeout_s: float = 300.0,
    kill_when: Callable[[], bool] = _never,
) -> Answer:
    """Run `tieline ARGUMENTS` in a copy of this process, which has imported all that is heavy.

    Args:
        arguments: of the command line.
        folder: the current folder of the command.
        timeout_s: how long it may take; it is killed then.
        kill_when: asked all the time; it is killed as soon as this is true.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os._exit(_run_here(arguments, folder, out.fileno(), err.fileno()))
        code = _wait(child, timeout_s, kill_when)
        return Answer(code, _text(out), _text(err))


class LastingCopy:
    """A copy of this process that runs one command after another, and is made anew after one that ended it or took too long."""

    def __init__(self) -> None:
        self._start()

    def run(
        self, arguments: list[str], folder: Path, timeout_s: float = 300.0
    ) -> Answer:
        """Run `tieline ARGUMENTS`; arguments as of `run_apart`."""
        with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
            self._questions.send((arguments, folder, out.name, err.name))
            code = self._code(timeout_s)
            return Answer(code, _text(out), _text(err))

    def close(self) -> None:
        """End the process, whatever it does."""
        self._questions.close()
        self._process.kill()
        self._process.join()

    def _start(self) -> None:
        self._questions, asked = get_context("fork").Pipe()
        self._process = get_context("fork").Process(target=_run_many, args=(asked,))
        self._process.start()
        asked.close()

    def _code(self, timeout_s: float) -> int | None:
        """Exit code of the command, or of the process that it ended."""
        if not self._questions.poll(timeout_s):
            self.close()
            self._start()
            return None
        try:
            return self._questions.recv()
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self._start()
            return code


def _run_many(asked: Connection) -> None:
    """In the copy: until nobody asks any more."""
    while True:
        try:
            arguments, folder, out, err = asked.recv()
        except EOFError:
            return
        with open(out, "wb") as out_file, open(err, "wb") as err_file:
            code = _run_here(arguments, folder, out_file.fileno(), err_file.fileno())
        asked.send(code)


def _run_here(arguments: list[str], folder: Path, out: int, err: int) -> int:
    """In the copy: streams go to files, also those of compiled code."""
    from tieline.cli.main import main

    os.chdir(folder)
    for stream, target in ((1, out), (2, err)):
        os.dup2(target, stream)
    sys.stdout, sys.stderr = (
        os.fdopen(os.dup(stream), "w", encoding="utf-8") for stream in (1, 2)
    )
    code = 1
    try:
        code = main(arguments)
    except BaseException:  # noqa: BLE001 - what nobody foresaw is what the test looks for
        traceback.print_exc(file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code


def _wait(child: int, timeout_s: float, kill_when: Callable[[], bool]) -> int | None:
    """Exit code of a process; None if it was killed."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and not kill_when():
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _text(file) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")
