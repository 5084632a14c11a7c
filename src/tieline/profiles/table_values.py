"""The numbers of a table: cells, even steps, gaps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from tieline.effort import BYTES, memory_bytes
from tieline.feeders import Finding
from tieline.profiles.clock import instants
from tieline.profiles.problems import finding, listing, rows_of
from tieline.typing import BoolArray


def read_values(
    cells: pd.DataFrame, may_be_negative: bool, highest: float = math.inf
) -> tuple[pd.DataFrame, list[Finding]]:
    """Numbers of all columns, NaN where a cell is blank, and what is wrong with them."""
    if not len(cells.columns):
        return cells, [
            finding(
                "NO_SERIES",
                "columns",
                "there is none beside the times.",
                "Add one with numbers.",
            )
        ]
    numbers = {}
    findings: list[Finding] = []
    for name in cells.columns:
        is_blank = cells[name].isna()
        text = cells[name].astype(str).str.strip().mask(is_blank, "")
        filled = text.mask(text == "")
        number = pd.to_numeric(filled, errors="coerce").astype(float)
        is_no_number = (text != "") & ~np.isfinite(number)
        findings += _no_numbers(name, text, is_no_number)
        findings += _out_of_range(name, text, number, may_be_negative, highest)
        # reported above: not a gap as well
        numbers[name] = number.mask(is_no_number, 0.0)
    return pd.DataFrame(numbers), findings


def _no_numbers(name: str, text: pd.Series, is_no_number: pd.Series) -> list[Finding]:
    if not is_no_number.any():
        return []
    remedy = "Correct the cell, or leave it blank."
    return [_bad_cells("VALUE", name, text, is_no_number, "is no number", remedy)]


def _out_of_range(
    name: str,
    text: pd.Series,
    number: pd.Series,
    may_be_negative: bool,
    highest: float,
) -> list[Finding]:
    """Numbers below zero, and above what a column of its kind can hold; NaN is neither."""
    findings = []
    is_negative = number < 0
    if is_negative.any() and not may_be_negative:
        remedy = "Correct the sign: only prices may be negative."
        findings.append(
            _bad_cells("NEGATIVE", name, text, is_negative, "is below zero", remedy)
        )
    is_too_high = number > highest
    if is_too_high.any():
        what = f"is above {highest:g}"
        remedy = "Give shares, not percent, kW or W/m2."
        findings.append(_bad_cells("TOO_HIGH", name, text, is_too_high, what, remedy))
    return findings


def even_rows(values: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The table with a row for every step, NaN where it had none; the step is the most frequent one."""
    times = pd.DatetimeIndex(values.index)
    at_ns = instants(times)
    since_first = at_ns - at_ns[0]
    apart, count = np.unique(np.diff(at_ns), return_counts=True)
    step = int(apart[int(count.argmax())])
    rows = since_first[-1] // step + 1
    # the times, the values, and those with gaps closed
    columns = 2 * len(values.columns) + 1
    needed = rows * columns * BYTES
    if needed > (memory_bytes() or needed):
        message = f"{times[0]} to {times[-1]} are {rows:,} steps of {_length(step)}, more than there is memory for."
        return values, [
            finding(
                "TOO_LONG",
                "times",
                message,
                "Correct them: one of them may have another year.",
            )
        ]
    off = np.flatnonzero(since_first % step)
    if len(off):
        uneven_times = [times[int(k)] for k in off]
        message = f"{listing(uneven_times)} are not a multiple of the step ({_length(step)}) after {times[0]}."
        return values, [
            finding(
                "STEP_UNEVEN", "times", message, "Resample the table to even steps."
            )
        ]
    grid = pd.date_range(
        times[0], times[-1], freq=pd.Timedelta(step, unit="ns"), unit=times.unit
    )
    return values.reindex(grid), []


def close_gaps(
    values: pd.DataFrame, fill_up_to_h: float
) -> tuple[pd.DataFrame, list[Finding]]:
    """The table with gaps up to a length filled by straight lines; longer ones, and those at an end, are findings."""
    times = pd.DatetimeIndex(values.index)
    step_h = (times[1] - times[0]).total_seconds() / 3600
    findings = []
    filled = values.copy()
    for name in values.columns:
        is_gap = values[name].isna().to_numpy()
        runs = _runs(is_gap)
        open_runs = [
            (a, b)
            for a, b in runs
            if (b - a) * step_h > fill_up_to_h + 1e-9 or a == 0 or b == len(times)
        ]
        if open_runs:
            places = [f"{times[a]} ({(b - a) * step_h:g} h)" for a, b in open_runs]
            remedy = (
                "Fill them in, or raise fill_up_to_h; gaps at an end must be cut off."
            )
            message = f"no values from {listing(places)}."
            findings.append(finding("GAP", f"column '{name}'", message, remedy))
        elif runs:
            position = np.arange(len(times))
            numbers = values[name].to_numpy()[~is_gap]
            filled[name] = np.interp(position, position[~is_gap], numbers)
    return filled, findings


def _bad_cells(
    what: str, name: str, text: pd.Series, bad: pd.Series, says: str, remedy: str
) -> Finding:
    rows = rows_of(text)[bad]
    cells = [
        f"'{cell}' in row {row}" for cell, row in zip(text[bad], rows, strict=True)
    ]
    message = f"{listing(cells)} {says}."
    return finding(what, f"column '{name}'", message, remedy)


def _runs(is_gap: BoolArray) -> list[tuple[int, int]]:
    """First step and step after the last of each run of True."""
    # no gap before the first step nor after the last: every run then has both ends
    framed = np.r_[0, is_gap.astype(np.int8), 0]
    edges = np.flatnonzero(np.diff(framed))
    pairs = edges.reshape(-1, 2).tolist()
    return [(begin, end) for begin, end in pairs]


def _length(step_ns: int) -> str:
    seconds = step_ns / 1e9
    if seconds < 60:
        return f"{seconds:g} s"
    minutes = seconds / 60
    return f"{minutes:g} min"
