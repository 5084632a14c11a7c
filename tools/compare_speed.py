"""Two checkouts side by side: how long the same work takes in each, in processes that take turns.

    python tools/compare_speed.py OLD_SRC NEW_SRC [--feeder master.dss ...] [--rounds 7] [--repeats 5]

Each round starts one process per checkout, the second time in the other order: what else the machine does falls on both.
A process compiles first, then times every task `repeats` times. Per task: the smallest and the median time of all rounds, and new
over old of either. A single solve and a batch, controls off and acting, on the bundled ieee13 and ieee123 and on every feeder
given; for a feeder that is given, reading it too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

BUNDLED = ("ieee13", "ieee123")
BATCH = 256
AT_LEAST_S = 0.02
"""A task shorter than this is done several times in a row: then the clock does not matter."""

Times = dict[str, list[float]]
Controls = Literal["feeder", "off"]


def main() -> None:
    """Compare two checkouts, or, as a child of that, time one."""
    arguments = _arguments()
    if arguments.child:
        print(
            json.dumps(time_tasks(arguments.feeder, arguments.repeats, arguments.batch))
        )
        return
    old, new = take_turns(arguments.sources, arguments)
    print(table(old, new))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "sources",
        nargs="*",
        type=Path,
        help="folder 'src' of the old and of the new checkout",
    )
    parser.add_argument(
        "--feeder",
        nargs="*",
        default=[],
        help="further feeders, such as an OpenDSS master file",
    )
    parser.add_argument("--rounds", type=int, default=7, help="processes per checkout")
    parser.add_argument(
        "--repeats", type=int, default=5, help="times that a process does each task"
    )
    parser.add_argument("--batch", type=int, default=BATCH, help="scenarios in a batch")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.child and (
        len(arguments.sources) != 2
        or not all((src / "tieline").is_dir() for src in arguments.sources)
    ):
        parser.error("give two folders that hold the package 'tieline'")
    return arguments


def take_turns(sources: list[Path], options: argparse.Namespace) -> tuple[Times, Times]:
    """Times of each task in both checkouts, over all rounds."""
    old: Times = {}
    new: Times = {}
    turns = [(sources[0], old), (sources[1], new)]
    for source, _ in turns:
        _run_child(source, options)  # compiles and fills the caches; not counted
    for _ in range(options.rounds):
        for source, times in turns:
            for task, seconds in _run_child(source, options).items():
                times.setdefault(task, []).extend(seconds)
        turns.reverse()
    return old, new


def _run_child(source: Path, options: argparse.Namespace) -> Times:
    command = [
        sys.executable,
        __file__,
        "--child",
        "--repeats",
        str(options.repeats),
        "--batch",
        str(options.batch),
    ]
    command += ["--feeder", *options.feeder] if options.feeder else []
    environment = {**os.environ, "PYTHONPATH": str(source.resolve())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{source} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def time_tasks(feeders: list[str], repeats: int, batch: int) -> Times:
    """Times of all tasks in the checkout that this process imports [s]."""
    import numpy as np

    from tieline import Network, load_feeder, solve

    times: Times = {}
    for name in (*BUNDLED, *feeders):
        short = Path(name).name
        if name in feeders:
            times[f"{short}: read"] = _time(partial(load_feeder, name), repeats)
        network = Network.from_feeder(load_feeder(name))
        # said, as the default is not the same in all checkouts
        model = "opendss-band" if name.endswith(".dss") else "zip"
        scales = np.linspace(0.3, 1.0, batch)[:, None]
        choices: tuple[tuple[Controls, str], ...] = (
            ("off", "off"),
            ("feeder", "acting"),
        )
        for controls, word in choices:
            single = partial(solve, network, controls=controls, load_model=model)
            times[f"{short}: one scenario, controls {word}"] = _time(single, repeats)
            times[f"{short}: batch of {batch}, controls {word}"] = _time(
                partial(single, load_scale=scales), repeats
            )
    return times


def _time(work: Callable[[], object], repeats: int) -> list[float]:
    """Seconds that the work takes, `repeats` times; the first, which compiles, is left out."""
    work()
    start = time.perf_counter()
    work()
    often = max(1, round(AT_LEAST_S / max(time.perf_counter() - start, 1e-9)))
    return [_once(work, often) for _ in range(repeats)]


def _once(work: Callable[[], object], often: int) -> float:
    start = time.perf_counter()
    for _ in range(often):
        work()
    return (time.perf_counter() - start) / often


def table(old: Times, new: Times) -> str:
    """Markdown: smallest and median time of each task in both checkouts, and new over old."""
    lines = [
        "| task | old, smallest | new, smallest | ratio | ratio of medians |",
        "|---|---|---|---|---|",
    ]
    for task in old:
        old_s, new_s = min(old[task]), min(new[task])
        medians = statistics.median(new[task]) / statistics.median(old[task])
        lines.append(
            f"| {task} | {1e3 * old_s:.3f} ms | {1e3 * new_s:.3f} ms | {new_s / old_s:.3f} | {medians:.3f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
