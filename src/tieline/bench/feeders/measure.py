"""All files, each within its time: a file that crashes its reader or does not end takes no other one with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from typing import Any

from tieline.bench.feeders.files import feeder_files
from tieline.bench.feeders.kinds import kind_of_text
from tieline.bench.feeders.options import Options
from tieline.bench.feeders.trial import Trial, try_file
from tieline.errors import InputError


@dataclass(frozen=True)
class FeederTrials:
    """What came of all files, and the folders, patterns and files that were asked for."""

    trials: tuple[Trial, ...]
    places: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists."""
        return asdict(self)


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> FeederTrials:
    """Try every feeder file.

    Args:
        options: files and folders, and the time that a file may take.
        tell: is told what is tried now.

    Raises:
        InputError: if a feeder or folder is not known, or if there is no feeder file at all.
    """
    files = feeder_files(options.feeders)
    if not files:
        raise InputError(
            f"No feeder file in {', '.join(options.feeders)}. Give OpenDSS masters (.dss), MATPOWER cases (.m) or pandapower "
            "nets (.json), or folders that hold some."
        )
    trials = []
    pool = _Worker(options.limit_s)
    for file in files:
        tell(file)
        trials.append(pool.answer(file))
    pool.end()
    return FeederTrials(tuple(trials), tuple(options.feeders))


class _Worker:
    """A process that tries one file after the other, started anew when it crashed or took too long."""

    def __init__(self, limit_s: int) -> None:
        self._limit_s = limit_s
        self._pool = _start()

    def answer(self, file: str) -> Trial:
        """The trial of a file, or how it ended."""
        try:
            return self._pool.submit(try_file, file).result(self._limit_s)
        except TooLate:
            reason = f"not done after {self._limit_s} s"
        except BrokenProcessPool:
            reason = "the process crashed"
        except Exception as error:  # noqa: BLE001 a fault of ours is a row of the table, not the end of it
            reason = f"{type(error).__name__}: {error}"
            return Trial(file, "fault", reason, kind=kind_of_text(file))
        self.end()
        self._pool = _start()
        return Trial(file, "fault", reason, kind=kind_of_text(file))

    def end(self) -> None:
        """End the process, whatever it does."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


def _start() -> ProcessPoolExecutor:
    # a fork would carry the threads of libraries that are loaded here
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context)
