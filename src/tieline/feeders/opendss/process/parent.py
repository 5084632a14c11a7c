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

import tieline
from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.process.frames import read_frame, write_frame
from tieline.feeders.opendss.process.transfer import decode

TIME_LIMIT_S = 300.0
"""Longest time for one file. The 8500-node feeder takes about a second; an endless loop must end some time."""

TIME_LIMIT_VARIABLE = "TIELINE_OPENDSS_SECONDS"
"""Environment variable that sets another limit, for very large feeders."""

START = "import sys; sys.path[:] = sys.argv[1:]; from tieline.feeders.opendss.process.child import serve; serve()"
"""The process gets the caller's module path as arguments: run isolated (-I -S) it looks neither at the environment nor at the
working directory."""

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A process that forks must not have threads."""

_turn = threading.Lock()
_process: subprocess.Popen[bytes] | None = None


def read_in_process(path: Path, **options: Any) -> Feeder:
    """The feeder of an OpenDSS file, read by the engine in a process without rights.

    Raises:
        InputError: as `read_opendss`; also if the process crashes, or needs too much time or memory.
    """
    request = json.dumps({"path": str(_absolute(path)), **options}).encode()
    with _turn:
        answer, status = _ask(request, path)
    if status:
        raise InputError(f"OpenDSS crashed while it read '{path}' ({_ending(status)}). {_remedy(status)}")
    return decode(answer)


def _absolute(path: Path) -> Path:
    try:
        return path.resolve()
    except OSError as error:
        raise InputError(f"OpenDSS file '{path}' cannot be found: {error.strerror}. Give its whole path.") from None
    except RuntimeError:  # a symbolic link that leads to itself
        raise InputError(f"OpenDSS file '{path}' cannot be found: its links lead in a circle.") from None


def _ask(request: bytes, path: Path) -> tuple[bytes, int]:
    process = _running()
    limit_s = _time_limit_s()
    timed_out = threading.Event()
    timer = threading.Timer(limit_s, lambda: (timed_out.set(), _end(process)))
    timer.daemon = True
    timer.start()
    try:
        frame = _exchange(process, request)
    except BaseException:  # Ctrl-C too: an answer that comes later must not meet the next question
        _forget()
        raise
    finally:
        timer.cancel()
    if frame is not None:
        return frame
    _forget()
    if timed_out.is_set():
        more = f"For a very large feeder set {TIME_LIMIT_VARIABLE} to more seconds."
        raise InputError(f"OpenDSS did not finish '{path}' within {limit_s:g} seconds. {more}")
    return b"", process.returncode or 1


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> tuple[bytes, int] | None:
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
        raise InputError(f"{TIME_LIMIT_VARIABLE} is '{text}'. Set it to a number of seconds above zero.")
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
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=os.path.abspath(os.sep),
        env=_environment(),
        start_new_session=True,  # Ctrl-C is for the caller, who ends the process then
    )


def _module_path() -> list[str]:
    """Where the caller finds modules, but for the working directory."""
    own = str(Path(tieline.__file__).parents[1])
    return [own, *(entry for entry in sys.path if os.path.isabs(entry) and entry != own)]


def _environment() -> dict[str, str]:
    """The caller's environment without the switches by which the engine would allow more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DSS_CAPI_")}
    return kept | ONE_THREAD


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
    process, _process = _process, None
    if process is None:
        return
    _end(process)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            _close(stream)


def _close(stream: Any) -> None:
    try:
        stream.close()
    except OSError:  # what was not sent yet cannot be sent any more
        pass


def _after_fork() -> None:
    """A fork of the caller starts a process of its own: two that speak through one pipe would mix their answers."""
    global _process, _turn
    if _process is not None:
        for stream in (_process.stdin, _process.stdout):
            if stream is not None:
                os.close(stream.fileno())
    _process, _turn = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _ending(status: int) -> str:
    if status > 0:
        return f"exit code {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _remedy(status: int) -> str:
    if status == -getattr(signal, "SIGKILL", 9):
        return "The system ends a process like this when memory runs out."
    return "Open the file in OpenDSS to find the line that it does not bear."
