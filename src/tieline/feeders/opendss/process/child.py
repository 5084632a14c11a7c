"""The engine's process: waits for the path of a file, reads it without rights, answers with the feeder or the error.

On Linux the process that waits never reads a file itself. For each it makes a copy of itself by a fork, which costs
milliseconds; the copy gives up its rights, reads, answers and ends, so that one file cannot touch the next. Elsewhere the
process serves one file and ends.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import traceback
from pathlib import Path
from typing import IO, Any

from tieline.errors import InputError
from tieline.feeders.opendss.process.frames import read_frame, write_frame
from tieline.feeders.opendss.process.progress import Progress
from tieline.feeders.opendss.process.sandbox import MEMORY_LIMIT, give_up_rights
from tieline.feeders.opendss.process.transfer import (
    encode_defect,
    encode_error,
    encode_feeder,
)


def serve() -> None:
    """Answer requests from standard input on standard output until the caller is gone."""
    requests, answers = _private_streams()
    # the engine's package would load it for a table that nobody asks for
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    _warm_up()
    while (frame := read_frame(requests)) is not None:
        request = json.loads(frame[0])
        if not request["many"]:
            write_frame(answers, _answer(request, Progress()))
            return
        data, status = _answer_in_copy(request, requests)
        write_frame(answers, data, status)


def _private_streams() -> tuple[Any, Any]:
    """The caller's pipes; whatever the engine prints goes nowhere."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return requests, answers


def _warm_up() -> None:
    """Load the engine and what reading needs, so that the first file finds it there; without the engine each answer says so."""
    from tieline.feeders.opendss.reader import prepare

    try:
        prepare()
    except InputError:
        return
    # what is loaded by now stays: a copy need not look through it, nor copy its memory
    gc.freeze()


def _answer(request: dict[str, Any], progress: Progress) -> bytes:
    """The feeder of a file, or why there is none."""
    from tieline.feeders.opendss.reader import read_in_this_process

    try:
        give_up_rights()
        if request.get("unfiltered"):
            return _run_unfiltered(Path(request["path"]))
        return encode_feeder(read_in_this_process(Path(request["path"]), progress.note))
    except InputError as error:
        return encode_error(error)
    except MemoryError:
        return encode_error(
            InputError(
                f"OpenDSS file '{request['path']}' needs more than {MEMORY_LIMIT >> 30} GiB of memory."
            )
        )
    except RecursionError:
        return encode_error(
            InputError(f"OpenDSS file '{request['path']}' is nested too deep.")
        )
    except Exception:  # noqa: BLE001 - a defect of the reader, whose trace would be lost with this process
        return encode_defect(traceback.format_exc())


def _answer_in_copy(request: dict[str, Any], requests: IO[bytes]) -> tuple[bytes, int]:
    """The answer of a copy of this process and how it ended; where it ended early, the line that it had come to.

    The copy is ended if the caller goes away.
    """
    progress = Progress()
    source, sink = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(source)
        _answer_and_end(request, progress, sink)
    os.close(sink)
    data = _collect(source, requests.fileno(), copy)
    _, waited = os.waitpid(copy, 0)
    status = os.waitstatus_to_exitcode(waited)
    return progress.read().encode() if status else data, status


def _answer_and_end(request: dict[str, Any], progress: Progress, sink: int) -> None:
    """Never returns, so that the copy runs nothing that belongs to the process it came from."""
    gc.disable()  # it lives too short for rubbish to matter
    # by default the alarm ends a process, wherever it is
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    status = 1
    try:
        with os.fdopen(sink, "wb") as stream:
            stream.write(_answer(request, progress))
        status = 0
    finally:
        os._exit(status)


def _collect(source: int, requests: int, copy: int) -> bytes:
    parts: list[bytes] = []
    with os.fdopen(source, "rb", buffering=0) as stream:
        while True:
            ready, _, _ = select.select([source, requests], [], [])
            if requests in ready:  # the caller asks nothing while it waits: it has gone
                os.kill(copy, signal.SIGKILL)
            part = stream.read(1 << 20)
            # the copy has ended, and with it the only other holder of the pipe
            if not part:
                return b"".join(parts)
            parts.append(part)


def _run_unfiltered(path: Path) -> bytes:
    """Give a file to the engine as it is: for tests, which show that the sandbox holds without the filter of words."""
    from tieline.feeders.opendss.script.compile import new_engine, require_engine

    try:
        new_engine().Text.Command(f'redirect "{path}"')
    except require_engine().DSSException as error:
        return encode_error(InputError(f"The engine stopped: {error}"))
    return encode_error(InputError("The engine ran the file."))
