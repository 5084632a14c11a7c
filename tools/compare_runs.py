"""Two checkouts, one question each time: does every study answer as it did?

    python tools/compare_runs.py OLD_SRC NEW_SRC [--only battery ...] [--case "interval --load-pct 10"] [--renamed OLD=NEW ...]

Every study and training runs its default case with each source (training is cut to one seed; optimal power flow has DERs added
to its feeder, which has none), and the run folders are compared:

- metrics exactly (`--metrics-rtol` allows a relative difference), except times, whose names end in `_s`;
- tables: their names, columns in order, number of rows, words exactly, numbers to 1e-9 of the largest of their column;
- configuration: values that both know; warnings exactly;
- the report as text, with times, dates, versions and digests blanked; what draws its figures is left out, as the tables hold it,
  and so is the part on where it comes from, as the configuration says it.

Where and in which files a run folder keeps its tables may differ. A name that was changed on purpose is said with `--renamed`;
its values are then compared. Runs are kept in `--keep` by the content of their source: the same source is not run again.
Exit code 1 if anything differs or a run failed.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import html.parser
import json
import math
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

CASES = {
    "hosting-capacity": "run hosting-capacity",
    "battery": "run battery",
    "interval": "run interval",
    "optimal-power-flow": "run optimal-power-flow --ders 18:600@0.12,33:600@0.09",
    "transfer-capability": "run transfer-capability",
    "reserve": "run reserve",
    "reserve training": "train reserve --trainings 1",
}
TABLE_TOLERANCE = 1e-9
LONGEST_RUN_S = 3600
MOST_LINES = 12
"""Differences of one kind that are printed for a case."""

VARYING = [
    re.compile(r"\b\d[\d.,e+-]* ?(s|ms|min|h of wall time)\b"),
    re.compile(r"\b\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?"),
    re.compile(r"\b[0-9a-f]{12,}\b"),
    re.compile(r"\b\d+\.\d+\.\d+\S*"),
]
"""What a report says differently each time: times, dates, digests, versions."""

Renames = dict[str, str]


@dataclass(frozen=True)
class Run:
    """What a run folder holds, as far as it is compared."""

    metrics: dict[str, Any]
    config: dict[str, Any]
    warnings: list[str]
    tables: dict[str, pd.DataFrame]
    report: list[str]


@dataclass(frozen=True)
class Comparison:
    """One case: how many of each kind there are in the old run, and what differs in words."""

    metrics: int
    tables: int
    report_lines: int
    differences: dict[str, list[str]]
    """By kind: metrics, tables, config, warnings, report."""

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not any(self.differences.values())


class _TextOfPage(html.parser.HTMLParser):
    """Collects the words of a page, one line per element; what draws, and the folded part at the end, is left out."""

    UNREAD = ("script", "style", "details")

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in self.UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self.UNREAD

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and not self._unread:
            self.lines.append(words)


def report_text(page: str) -> list[str]:
    """The words of a report, with all that changes from run to run blanked."""
    parser = _TextOfPage()
    parser.feed(page)
    return [blanked(line) for line in parser.lines]


def blanked(line: str) -> str:
    """`line` with times, dates, digests and versions as dots."""
    for pattern in VARYING:
        line = pattern.sub("...", line)
    return line


def read_run(folder: Path) -> Run:
    """What the run folder of any version holds."""
    content = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    page = folder / "report.html"
    return Run(
        metrics=content["metrics"],
        config=content["config"],
        warnings=[_text_of(warning) for warning in content["warnings"]],
        tables={path.stem: pd.read_parquet(path) for path in sorted(_tables(folder))},
        report=report_text(page.read_text(encoding="utf-8")) if page.exists() else [],
    )


def _text_of(warning: str | dict[str, str]) -> str:
    """A remark of a run; one of an earlier source is its text alone."""
    if isinstance(warning, str):
        return warning
    return warning["text"]


def _tables(folder: Path) -> Iterator[Path]:
    """The tables of the answer, in whatever folder; those of the feeder are input."""
    for path in folder.rglob("*.parquet"):
        if "feeder" not in path.relative_to(folder).parts[:-1]:
            yield path


def compare(
    old: Run, new: Run, renames: Renames, metrics_rtol: float = 0.0
) -> Comparison:
    """All differences of two runs of one case."""
    differences = {
        "metrics": _compare_metrics(
            _renamed(old.metrics, renames), new.metrics, metrics_rtol
        ),
        "tables": _compare_tables(_renamed(old.tables, renames), new.tables, renames),
        "config": _compare_config(_renamed(old.config, renames), new.config),
        "warnings": _changed_lines(old.warnings, new.warnings),
        "report": _changed_lines(old.report, new.report),
    }
    return Comparison(len(old.metrics), len(old.tables), len(old.report), differences)


def _renamed(named: dict[str, Any], renames: Renames) -> dict[str, Any]:
    return {renames.get(name, name): value for name, value in named.items()}


def _compare_metrics(
    old: dict[str, Any], new: dict[str, Any], rtol: float
) -> list[str]:
    differences = _missing("metric", old, new)
    for name in _shared(old, new):
        if is_time(name) or _is_equal(old[name], new[name], rtol):
            continue
        differences.append(f"metric {name}: {old[name]} became {new[name]}")
    return differences


def is_time(name: str) -> bool:
    """Whether a metric or a column says how long something took, or how fast it was."""
    return name.endswith(("_s", "_ms"))


def _is_equal(old: Any, new: Any, rtol: float) -> bool:
    if isinstance(old, float | int) and isinstance(new, float | int):
        return math.isclose(old, new, rel_tol=rtol, abs_tol=0.0)
    return old == new


def _compare_config(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Values of both, and fields that are gone; a further field says more and changes nothing."""
    differences = [f"field {name} is gone" for name in old if name not in new]
    changed = [name for name in _shared(old, new) if old[name] != new[name]]
    return differences + [
        f"field {name}: {old[name]} became {new[name]}" for name in changed
    ]


def _compare_tables(
    old: dict[str, pd.DataFrame], new: dict[str, pd.DataFrame], renames: Renames
) -> list[str]:
    differences = _missing("table", old, new)
    for name in _shared(old, new):
        before = old[name].rename(columns=renames)
        differences += [
            f"table {name}: {words}" for words in compare_table(before, new[name])
        ]
    return differences


def compare_table(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Columns, rows and values of two tables."""
    columns = [list(map(str, table.columns)) for table in (old, new)]
    if set(columns[0]) != set(columns[1]):
        return _missing("column", *columns)
    if len(old) != len(new):
        return [f"{len(old)} rows became {len(new)}"]
    differences = (
        [] if columns[0] == columns[1] else ["the order of the columns differs"]
    )
    for name in columns[0]:
        differences += _compare_column(name, old[name], new[name])
    return differences


def _compare_column(name: str, old: pd.Series, new: pd.Series) -> list[str]:
    if is_time(name):
        return []
    are_numbers = all(pd.api.types.is_numeric_dtype(column) for column in (old, new))
    differs = _numbers_differ(old, new) if are_numbers else _words_differ(old, new)
    rows = np.flatnonzero(differs)
    if not len(rows):
        return []
    first = rows[0]
    return [
        f"column {name} differs in {len(rows)} of {len(old)} rows; row {first}: {old.iloc[first]} became {new.iloc[first]}"
    ]


def _numbers_differ(old: pd.Series, new: pd.Series) -> np.ndarray:
    before = old.to_numpy(float, na_value=np.nan)
    after = new.to_numpy(float, na_value=np.nan)
    finite = np.abs(before[np.isfinite(before)])
    largest = finite.max(initial=0.0)
    return ~np.isclose(
        before, after, rtol=0.0, atol=TABLE_TOLERANCE * largest, equal_nan=True
    )


def _words_differ(old: pd.Series, new: pd.Series) -> np.ndarray:
    return old.astype(str).to_numpy() != new.astype(str).to_numpy()


def _shared(old: Iterable[str], new: Iterable[str]) -> list[str]:
    names = set(new)
    return [name for name in old if name in names]


def _missing(kind: str, old: Iterable[str], new: Iterable[str]) -> list[str]:
    gone = [f"{kind} {name} is gone" for name in old if name not in set(new)]
    return gone + [f"{kind} {name} is new" for name in new if name not in set(old)]


def _changed_lines(old: list[str], new: list[str]) -> list[str]:
    lines = difflib.unified_diff(old, new, n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def source_digest(source: Path) -> str:
    """Digest of every file that makes a difference to an answer."""
    digest = hashlib.sha256()
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix not in {".pyc", ".nbi", ".nbc"}:
            digest.update(path.relative_to(source).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def run_case(source: Path, name: str, command: str, keep: Path) -> tuple[Path, str]:
    """Run folder of a case, run now if it was not before, and what went wrong if it did."""
    folder = keep / source_digest(source) / re.sub(r"\W+", "-", name)
    if (folder / "result.json").exists():
        return folder, ""
    folder.parent.mkdir(parents=True, exist_ok=True)
    arguments = [*shlex.split(command), "--out", str(folder)]
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tieline.cli.main", *arguments],
            env={**os.environ, "PYTHONPATH": str(source)},
            cwd=folder.parent,
            capture_output=True,
            text=True,
            timeout=LONGEST_RUN_S,
        )
    except subprocess.TimeoutExpired:
        return folder, f"no answer in {LONGEST_RUN_S} s"
    wall_s = time.perf_counter() - began
    print(
        f"{source.parent.name}: {name}: exit code {done.returncode}, {wall_s:.0f} s",
        file=sys.stderr,
    )
    return folder, done.stderr.strip() if done.returncode else ""


def compare_case(name: str, command: str, options: argparse.Namespace) -> Comparison:
    """Run a case with both sources and compare."""
    folders = []
    for source in options.sources:
        folder, failure = run_case(source.resolve(), name, command, options.keep)
        if failure:
            words = failure.splitlines()[-MOST_LINES:]
            return Comparison(0, 0, 0, {f"run with {source}": words})
        folders.append(folder)
    renames = dict(pair.split("=") for pair in options.renamed)
    return compare(
        read_run(folders[0]), read_run(folders[1]), renames, options.metrics_rtol
    )


def summary_table(comparisons: dict[str, Comparison]) -> str:
    """Markdown: per case what was compared and what differs."""
    lines = [
        "| case | metrics | tables | report lines | differs |",
        "|---|---|---|---|---|",
    ]
    for name, case in comparisons.items():
        counts = [
            f"{len(words)} in {kind}"
            for kind, words in case.differences.items()
            if words
        ]
        verdict = ", ".join(counts) or "nothing"
        lines.append(
            f"| {name} | {case.metrics} | {case.tables} | {case.report_lines} | {verdict} |"
        )
    return "\n".join(lines)


def _details(comparisons: dict[str, Comparison]) -> Iterator[str]:
    for name, comparison in comparisons.items():
        for kind, words in comparison.differences.items():
            if words:
                yield f"\n{name}, {kind}:"
                yield from (f"  {line}" for line in words[:MOST_LINES])
            if len(words) > MOST_LINES:
                yield f"  ... and {len(words) - MOST_LINES} more"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "sources",
        nargs=2,
        type=Path,
        help="folder 'src' of the old and the new checkout",
    )
    parser.add_argument(
        "--only", nargs="+", choices=CASES, default=list(CASES), metavar="CASE"
    )
    parser.add_argument(
        "--case",
        action="append",
        default=[],
        help="a further case: STUDY and its flags",
    )
    parser.add_argument(
        "--renamed",
        nargs="*",
        default=[],
        metavar="OLD=NEW",
        help="metric, table, column or field",
    )
    parser.add_argument("--metrics-rtol", type=float, default=0.0)
    parser.add_argument(
        "--keep", type=Path, default=Path("runs/compared"), help="folder of the runs"
    )
    arguments = parser.parse_args()
    arguments.keep = arguments.keep.resolve()
    for source in arguments.sources:
        if not (source / "tieline").is_dir():
            parser.error(f"'{source}' does not hold the package 'tieline'")
    return arguments


def main() -> int:
    """Compare the cases asked for; 1 if something differs."""
    options = _arguments()
    cases = {name: CASES[name] for name in options.only}
    cases |= {case: f"run {case}" for case in options.case}
    comparisons = {
        name: compare_case(name, command, options) for name, command in cases.items()
    }
    print(summary_table(comparisons))
    print("\n".join(_details(comparisons)))
    return 0 if all(comparison.is_same for comparison in comparisons.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
