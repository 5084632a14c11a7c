"""The engine's process: waits for the path of a file, reads it without rights, answers with the feeder or the error.

On Linux the process that waits never reads a file itself. For each it makes a copy of itself by a fork, which costs a
millisecond; the copy gives up its rights, reads, answers and ends, so that one file cannot touch the next. Elsewhere the process
serves one file and ends.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from tieline.errors import InputError
from tieline.feeders.opendss.process.frames import read_frame, write_frame
from tieline.feeders.opendss.process.sandbox import give_up_rights, limit_memory
from tieline.feeders.opendss.process.transfer import encode_error, encode_feeder

CAN_FORK = sys.platform == "linux"
"""On macOS the numerical libraries do not bear a fork; Windows has none."""


def serve() -> None:
    """Answer requests from standard input on standard output until the caller is gone."""
    requests, answers = _private_streams()
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # the engine's package would load it for a table nobody asks for
    _warm_up()
    while (frame := read_frame(requests)) is not None:
        request = json.loads(frame[0])
        if not CAN_FORK:
            write_frame(answers, _answer(request))
            return
        data, status = _answer_in_copy(request, requests)
        write_frame(answers, data, status)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """The caller's pipes; whatever the engine prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
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
    gc.freeze()


def _answer(request: dict[str, Any]) -> bytes:
    """The feeder of a file, or why there is none."""
    from tieline.feeders.opendss.reader import read_in_this_process

    try:
        give_up_rights()
        if request.get("unfiltered"):
            return _run_unfiltered(Path(request["path"]))
        return encode_feeder(read_in_this_process(Path(request["path"])))
    except InputError as error:
        return encode_error(error)
    except MemoryError:
        limit_memory(released=True)
        return encode_error(InputError(f"OpenDSS file '{request['path']}' needs more memory than a reader may take."))
    except RecursionError:
        return encode_error(InputError(f"OpenDSS file '{request['path']}' is nested too deep."))


def _answer_in_copy(request: dict[str, Any], requests: BinaryIO) -> tuple[bytes, int]:
    """The answer of a copy of this process and how it ended; the copy is ended if the caller goes away."""
    source, sink = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(source)
        _answer_and_end(request, sink)
    os.close(sink)
    data = _collect(source, requests.fileno(), copy)
    _, status = os.waitpid(copy, 0)
    return data, os.waitstatus_to_exitcode(status)


def _answer_and_end(request: dict[str, Any], sink: int) -> None:
    """Never returns, so that the copy runs nothing that belongs to the process it came from."""
    gc.disable()  # it lives too short for rubbish to matter
    status = 1
    try:
        with os.fdopen(sink, "wb") as stream:
            stream.write(_answer(request))
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
            if not part:
                return b"".join(parts)
            parts.append(part)


def _run_unfiltered(path: Path) -> bytes:
    """Give a file to the engine as it is: for tests, which show that the sandbox holds without the filter of words."""
    from tieline.feeders.opendss.script.compile import new_engine

    engine = new_engine()
    engine.Text.Command(f'redirect "{path}"')
    return encode_error(InputError("The engine ran the file."))
