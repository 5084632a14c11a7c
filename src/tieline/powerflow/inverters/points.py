"""Batches as inverters need them: some scenarios of one, its mean, the same one many times with other powers of its inverters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tieline.powerflow.batch import Batch
from tieline.typing import ComplexArray, FloatArray, IntArray


def rows_of(array: np.ndarray, rows: IntArray) -> np.ndarray:
    """Some rows of an array that may have one for all."""
    if len(array) == 1:
        return array
    return array[rows]


def mean_row(rows: np.ndarray) -> np.ndarray:
    """Mean over the rows that are finite; zeros where none is."""
    sound = rows[np.isfinite(rows).all(axis=1)]
    if len(sound) == 0:
        return np.zeros_like(rows[0])
    return sound.mean(axis=0)


def scenarios_of(
    batch: Batch, rows: IntArray, start_pu: ComplexArray | None = None
) -> Batch:
    """Some scenarios of a batch, which may repeat; `start_pu`, (row, node), are first voltages in place of those of the batch."""
    start = start_pu
    if start is None and batch.start is not None:
        start = rows_of(batch.start, rows)
    der_kva = batch.der_kva
    if der_kva is not None:
        der_kva = rows_of(der_kva, rows)
    return replace(
        batch,
        n_scenarios=len(rows),
        p_kw=rows_of(batch.p_kw, rows),
        q_kvar=rows_of(batch.q_kvar, rows),
        tap=rows_of(batch.tap, rows),
        state=rows_of(batch.state, rows),
        source_pu=rows_of(batch.source_pu, rows),
        start=start,
        bad=rows_of(batch.bad, rows),
        der_kva=der_kva,
    )


def mean_of(batch: Batch) -> Batch:
    """The mean of a batch as one scenario; lines and taps stand as in the first: half a line is none."""
    der_kva = batch.der_kva
    if der_kva is not None:
        der_kva = mean_row(der_kva)[None]
    return replace(
        batch,
        n_scenarios=1,
        p_kw=mean_row(batch.p_kw)[None],
        q_kvar=mean_row(batch.q_kvar)[None],
        tap=batch.tap[:1],
        state=batch.state[:1],
        source_pu=mean_row(batch.source_pu)[None],
        start=None,
        bad=np.zeros(1, dtype=bool),
        der_kva=der_kva,
    )


def with_powers(
    batch: Batch, device: IntArray, p_kw: FloatArray, q_kvar: FloatArray
) -> Batch:
    """The batch with what some devices inject in each scenario, (scenario, device) [kW, kvar]."""
    return replace(
        batch,
        p_kw=_with_columns(batch.p_kw, device, -p_kw),
        q_kvar=_with_columns(batch.q_kvar, device, -q_kvar),
    )


def _with_columns(
    rows: FloatArray, columns: IntArray, values: FloatArray
) -> FloatArray:
    # row by row in memory, as compiled code wants it
    power = np.empty((len(values), rows.shape[1]))
    power[:] = rows
    power[:, columns] = values
    return power
