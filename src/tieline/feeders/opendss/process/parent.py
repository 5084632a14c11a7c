"""`read_in_process`: asks the engine's process for a feeder, and starts it where it is not there yet.

The process outlives the first question, because starting Python and the engine costs more than most files; it is started anew
when it has ended. Questions from several threads wait for one another.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.process.frames import SERVES_MANY, read_frame, write_frame
from tieline.feeders.opendss.process.transfer import decode

TIME_LIMIT_S = 300.0
"""Longest time for one file. The 8500-node feeder takes about a second; an endless loop must end some time."""

TIME_LIMIT_VARIABLE = "TIELINE_OPENDSS_SECONDS"
"""Environment variable that sets another limit, for very large feeders."""

GRACE_S = 5.0
"""How much later than the reading process itself its caller ends it."""

TOO_LATE = -getattr(signal, "SIGALRM", 14)
"""Status of a process that its alarm has ended."""

START = "import sys; sys.path[:] = sys.argv[1:]; from tieline.feeders.opendss.process.child import serve; serve()"
"""The process gets the caller's module path as arguments: run isolated (-I -S) it looks neither at the environment nor at the
working directory."""

PACKAGE_ROOT = str(Path(__file__).resolve().parents[4])
"""Folder that holds this package; it may have been found by way of the working directory."""

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
"""A process that forks must not have threads."""

_turn = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


def read_in_process(path: Path, **options: Any) -> Feeder:
    """The feeder of an OpenDSS file, read by the engine in a process without rights.

    Raises:
        InputError: as `read_opendss`; also if the process crashes, or needs too much time or memory.
    """
    seconds = _time_limit_s()
    request = {
        "path": str(_absolute(path)),
        "many": SERVES_MANY,
        "seconds": seconds,
        **options,
    }
    with _turn:
        answer, status = _ask(json.dumps(request).encode(), path, seconds)
        if not SERVES_MANY:
            _forget()
    if status:
        raise _early_end(path, answer.decode(), status, seconds)
    return decode(answer)


def _early_end(path: Path, place: str, status: int, seconds: float) -> InputError:
    """What to say of a reading that ended early, at a line if it is known."""
    where = f"'{path}'" + (f", at {place}" if place else "")
    if status == TOO_LATE:
        more = f"For a very large feeder set {TIME_LIMIT_VARIABLE} to more seconds."
        return InputError(
            f"OpenDSS did not finish {where} within {seconds:g} seconds. {more}"
        )
    if status == -getattr(signal, "SIGKILL", 9):
        return InputError(
            f"The system ended OpenDSS in {where}; it does so when memory runs out. Use a machine with more."
        )
    remedy = (
        "Correct the line, or leave it out."
        if place
        else "Open the file in OpenDSS to find out why."
    )
    return InputError(f"OpenDSS crashed in {where} ({_ending(status)}). {remedy}")


def _absolute(path: Path) -> Path:
    """The path from the root, because the process works elsewhere."""
    try:
        absolute = path.resolve()
    except OSError as error:
        raise InputError(
            f"OpenDSS file '{path}' cannot be found: {error.strerror}. Give its whole path."
        ) from None
    except ValueError:
        raise InputError(
            f"'{path}' is no name of a file: it holds a zero byte."
        ) from None
    except RuntimeError:  # a symbolic link that leads to itself
        raise InputError(
            f"OpenDSS file '{path}' cannot be found: its links lead in a circle."
        ) from None
    if not os.path.isfile(absolute):
        raise InputError(
            f"OpenDSS file '{path}' does not exist or is no plain file. Check the path."
        )
    return absolute


def _ask(request: bytes, path: Path, seconds: float) -> tuple[bytes, int]:
    """Answer and status. A process that ends by itself at its time is given a moment more before it is ended from here."""
    process = _running()
    timed_out = threading.Event()
    timer = threading.Timer(
        seconds + (GRACE_S if SERVES_MANY else 0.0), _end_late, (process, timed_out)
    )
    # must not keep a program alive that ends in the meantime
    timer.daemon = True
    timer.start()
    try:
        frame = _exchange(process, request)
    except BaseException:
        # Ctrl-C too: an answer that comes later must not meet the next question
        _forget()
        raise
    finally:
        timer.cancel()
    if frame is not None:
        return frame
    status = _status(process)
    _forget()
    if timed_out.is_set():
        return b"", TOO_LATE
    if not SERVES_MANY:  # the process that reads is the one that answers
        return b"", status
    what = f"The process that reads OpenDSS files ended before it could read '{path}' ({_ending(status)})."
    raise InputError(
        f"{what} Try again; if it stays so, check the installation of opendssdirect.py: python -m pip check."
    )


def _status(process: subprocess.Popen[bytes]) -> int:
    """How a process that closed its pipe ends."""
    try:
        return process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return 1


def _exchange(
    process: subprocess.Popen[bytes], request: bytes
) -> tuple[bytes, int] | None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        write_frame(process.stdin, request)
    except OSError:  # it ended before it was asked; the status says how
        return None
    return read_frame(process.stdout)


def _time_limit_s() -> float:
    text = os.environ.get(TIME_LIMIT_VARIABLE, "")
    try:
        limit_s = float(text) if text else TIME_LIMIT_S
    except ValueError:
        limit_s = 0.0
    if not 0 < limit_s <= threading.TIMEOUT_MAX:
        raise InputError(
            f"{TIME_LIMIT_VARIABLE} is '{text}'. Set it to a number of seconds above zero."
        )
    return limit_s


def _running() -> subprocess.Popen[bytes]:
    """The process, started if there is none."""
    global _process
    if _process is None or _process.poll() is not None:
        _forget()
        _process = _started()
    return _process


def _started() -> subprocess.Popen[bytes]:
    flags = ["-I", "-S", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
    return subprocess.Popen(
        [sys.executable, *flags, "-c", START, *_module_path()],
        # a buffer would hold back the request for which the process waits
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.path.abspath(os.sep),
        env=_environment(),
        start_new_session=True,  # Ctrl-C is for the caller, who ends the process then
    )


def _module_path() -> list[str]:
    """Where the caller finds modules, but for the working directory."""
    return [
        PACKAGE_ROOT,
        *(
            entry
            for entry in sys.path
            if os.path.isabs(entry) and entry != PACKAGE_ROOT
        ),
    ]


def _environment() -> dict[str, str]:
    """The caller's environment without the switches by which the engine would allow more."""
    variables = os.environ.items()
    harmless = {
        name: value for name, value in variables if not name.startswith("DSS_CAPI_")
    }
    return harmless | ONE_THREAD


def _end_late(process: subprocess.Popen[bytes], timed_out: threading.Event) -> None:
    timed_out.set()
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its copy."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


@atexit.register
def _forget() -> None:
    """End the process, if there is one, and close its pipes."""
    global _process
    process = _process
    _process = None
    if process is None:
        return
    _end(process)
    process.wait()
    _close_pipes(process)


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def _after_fork() -> None:
    """A fork of the caller starts a process of its own: two that speak through one pipe would mix their answers."""
    global _process, _turn
    if _process is not None:
        _close_pipes(_process)
        _process.returncode = (
            0  # it is no child of this process, so there is nothing to wait for
        )
    _process = None
    _turn = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _ending(status: int) -> str:
    if status > 0:
        return f"exit code {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
