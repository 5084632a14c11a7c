"""Cases: deployments solved at some levels of PV, in one variant and over all steps, as rows of the case table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tieline.powerflow import Solution
from tieline.powerflow.outcome import Outcome
from tieline.settings.fields import Controls
from tieline.studies.feeder_ders import ders_over_time
from tieline.studies.hosting_capacity.solving.tally import Block, Tables, Tally
from tieline.studies.hosting_capacity.world.deployments import deployment_kw
from tieline.studies.hosting_capacity.world.setting import Setting
from tieline.studies.hosting_capacity.world.variants import Variant
from tieline.studies.inverters import (
    KVA_PER_KW,
    Snapshots,
    solve_with_inverters,
)
from tieline.typing import FloatArray, IntArray

BLOCK_NUMBERS = 2_000_000
"""Complex numbers per array of a block (32 MB); longer series are solved in pieces."""


@dataclass(frozen=True, eq=False)
class Group:
    """Deployments that are solved together: their `numbers` (deployment,), and what load and sun do, as `Timeline.draw` says."""

    numbers: IntArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun_pu: FloatArray

    def rows(self, which: IntArray) -> Group:
        """Some of its deployments; `which` are places in the group."""
        return Group(
            self.numbers[which],
            self.load_kw[which],
            self.load_kvar[which],
            self.sun_pu[which],
        )


def draw_group(setting: Setting, deployments: range) -> Group:
    """Consecutive deployments, with the load and sun of each."""
    return Group(np.array(deployments), *setting.timeline.draw(deployments))


def pv_at(setting: Setting, group: Group, levels_pct: FloatArray) -> FloatArray:
    """PV of each deployment at levels of its own, (deployment, level) [%] -> (deployment, level, site) [kW]."""
    of_deployment = [
        deployment_kw(setting.sites, setting.config, int(number), levels)
        for number, levels in zip(group.numbers, levels_pct, strict=True)
    ]
    return np.stack(of_deployment)


def solve_cases(
    setting: Setting,
    variant: Variant,
    group: Group,
    levels_pct: FloatArray,
    keep_buses: bool = False,
) -> Tables:
    """Solve a group at levels of each deployment.

    Args:
        setting: what all cases share.
        variant: how they are solved.
        group: which deployments.
        levels_pct: (deployment, level), the first level 0 [% of peak load]: what PV breaks is judged against it.
        keep_buses: whether voltages of buses are kept too.

    Returns:
        Tables of `Tally.tables`; rows of `cases` are the levels of one deployment after those of the other.
    """
    pv_kw = pv_at(setting, group, levels_pct)
    tally = Tally(setting, levels_pct.shape, keep_buses)
    for steps in _pieces(setting, levels_pct.size):
        p_kw = group.load_kw[:, steps] * variant.load_factor
        q_kvar = group.load_kvar[:, steps] * variant.load_factor
        sun_pu = group.sun_pu[:, steps]
        loads = (p_kw, q_kvar)
        block = _solve_block(setting, variant, steps.start, pv_kw, loads, sun_pu)
        tally.add(block)
    return tally.tables(variant.key, group.numbers, levels_pct, pv_kw.sum(axis=2))


def _pieces(setting: Setting, n_cases: int) -> Iterator[slice]:
    """Steps that are solved together, so that a block stays within `BLOCK_NUMBERS`."""
    n_steps = setting.timeline.n_steps
    n_terminals = max(len(setting.network.terminals.node), 1)
    length = max(1, BLOCK_NUMBERS // (n_cases * n_terminals))
    for start in range(0, n_steps, length):
        yield slice(start, min(start + length, n_steps))


def solve_case(setting: Setting, number: int, level_pct: float, step: int) -> Solution:
    """One power flow of the configured variant: a deployment at a level above 0 and a step."""
    group = draw_group(setting, range(number, number + 1))
    # the level without PV goes along: controls that hold are held where it leaves them
    pv_kw = pv_at(setting, group, np.array([[0.0, level_pct]]))
    loads = (group.load_kw[:, [step]], group.load_kvar[:, [step]])
    configured = setting.variants[0]
    _, with_pv = _solve_both(setting, configured, pv_kw, loads, group.sun_pu[:, [step]])
    return with_pv


def _solve_block(
    setting: Setting,
    variant: Variant,
    first_step: int,
    pv_kw: FloatArray,
    loads: tuple[FloatArray, FloatArray],
    sun_pu: FloatArray,
) -> Block:
    """Readings of all cases over some steps; arguments as in `_solve_both`."""
    base, with_pv = _solve_both(setting, variant, pv_kw, loads, sun_pu)
    count, n_levels = pv_kw.shape[:2]
    n_steps = sun_pu.shape[1]
    shape = (count, n_levels, n_steps)
    return _as_block(setting, first_step, shape, base, with_pv)


def _solve_both(
    setting: Setting,
    variant: Variant,
    pv_kw: FloatArray,
    loads: tuple[FloatArray, FloatArray],
    sun_pu: FloatArray,
) -> tuple[Solution, Solution]:
    """Solve the cases before PV is added, then those with it, whose controls may have to stay where the former left them.

    `pv_kw` (deployment, level, site), `loads` P and Q (deployment, step, load), `sun_pu` (deployment, step).
    """
    count, n_levels, n_sites = pv_kw.shape
    standing = {
        "load_kw": loads[0],
        "load_kvar": loads[1],
        **_own_ders(setting, sun_pu),
    }
    base_controls: Controls = "off" if variant.controls == "off" else "feeder"
    before_pv = _before_pv(standing, n_sites)
    base = _solve(setting, variant, before_pv, base_controls)

    above_none_kw = pv_kw[:, 1:]  # the first level has no PV, and is solved already
    snapshots = _with_pv(standing, above_none_kw, sun_pu)
    shape = (count, n_levels - 1, sun_pu.shape[1])
    if variant.controls == "hold":
        snapshots = replace(
            snapshots,
            taps=_for_every_level(base.taps, shape),
            capacitor_steps=_for_every_level(base.capacitor_steps, shape),
        )
    controls: Controls = "feeder" if variant.controls == "feeder" else "off"
    return base, _solve(setting, variant, snapshots, controls)


def _before_pv(standing: dict[str, FloatArray], n_sites: int) -> Snapshots:
    """Snapshots of every deployment and step; `standing` (deployment, step, column) is what no PV changes."""
    rows = {name: _at_every_level(part, 1) for name, part in standing.items()}
    n_rows = len(rows["load_kw"])
    no_pv = np.zeros((n_rows, n_sites))
    return _snapshots(rows, no_pv, no_pv)


def _with_pv(
    standing: dict[str, FloatArray], pv_kw: FloatArray, sun_pu: FloatArray
) -> Snapshots:
    """Snapshots of every deployment, level and step."""
    n_levels, n_sites = pv_kw.shape[1:]
    every_step = pv_kw[:, :, None, :]
    output_kw = every_step * sun_pu[:, None, :, None]
    # the rating follows the installed power, also at night: a volt-var inverter works without sun
    rating_kva = np.broadcast_to(every_step * KVA_PER_KW, output_kw.shape)
    rows = {name: _at_every_level(part, n_levels) for name, part in standing.items()}
    pv_rows_kw = output_kw.reshape(-1, n_sites)
    rating_rows_kva = rating_kva.reshape(-1, n_sites)
    return _snapshots(rows, pv_rows_kw, rating_rows_kva)


def _snapshots(
    rows: dict[str, FloatArray], pv_kw: FloatArray, pv_kva: FloatArray
) -> Snapshots:
    """Snapshots of what stands, (row, column) by name, and the sites' PV, (row, site)."""
    return Snapshots(
        load_kw=rows["load_kw"],
        load_kvar=rows["load_kvar"],
        pv_kw=pv_kw,
        pv_kva=pv_kva,
        own_kw=rows.get("own_kw"),
        own_kvar=rows.get("own_kvar"),
    )


def _own_ders(setting: Setting, sun_pu: FloatArray) -> dict[str, FloatArray]:
    """What the DERs that the feeder has of its own inject under the sun, (deployment, step, der) each; nothing for a snapshot,
    whose injections the plant knows.
    """
    feeder = setting.network.feeder
    if setting.timeline.times is None or not setting.own.ders:
        return {}
    p_kw, q_kvar = ders_over_time(feeder, sun_pu.ravel())
    shape = (*sun_pu.shape, len(feeder.ders))
    return {"own_kw": p_kw.reshape(shape), "own_kvar": q_kvar.reshape(shape)}


def _at_every_level(rows: FloatArray, n_levels: int) -> FloatArray:
    """(deployment, step, column) repeated over the levels, as (row, column)."""
    count, n_steps, n_columns = rows.shape
    shape = (count, n_levels, n_steps, n_columns)
    repeated = np.broadcast_to(rows[:, None], shape)
    # said in full: where there is no column, -1 would be no number of rows
    n_rows = count * n_levels * n_steps
    return repeated.reshape(n_rows, n_columns)


def _solve(
    setting: Setting, variant: Variant, snapshots: Snapshots, controls: Controls
) -> Solution:
    return solve_with_inverters(
        setting.plants[variant.key],
        snapshots,
        variant.inverter,
        setting.config.power_factor,
        controls,
    )


def _for_every_level(positions: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Control positions of each deployment and step, repeated over the levels, (row, control)."""
    count, n_levels, n_steps = shape
    n_controls = positions.shape[1]
    rows = np.broadcast_to(positions, (count * n_steps, n_controls))
    return _at_every_level(rows.reshape(count, n_steps, n_controls), n_levels)


def _as_block(
    setting: Setting,
    first_step: int,
    shape: tuple[int, int, int],
    base: Solution,
    with_pv: Solution,
) -> Block:
    """Readings of both solutions, put together level by level."""
    count, n_levels, n_steps = shape

    def together(lowest: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """(row, ...) of the level without PV and of the levels above, as (deployment, level, step, ...)."""
        tail = lowest.shape[1:]
        first = lowest.reshape(count, 1, n_steps, *tail)
        above = upper.reshape(count, n_levels - 1, n_steps, *tail)
        return np.concatenate((first, above), axis=1)

    points = setting.points
    v_base = points.magnitude_pu(base.v_pu)
    v_with_pv = points.magnitude_pu(with_pv.v_pu)
    v_pu = together(v_base, v_with_pv)
    readings = []
    for gauge in setting.gauges:
        if gauge.kind.is_voltage:  # all voltage limits share one array
            readings.append(v_pu)
        else:
            before = gauge.read(base, v_base)
            after = gauge.read(with_pv, v_with_pv)
            readings.append(together(before, after))
    return Block(
        first_step=first_step,
        v_pu=v_pu,
        readings=tuple(readings),
        loss_kw=together(base.loss_kw, with_pv.loss_kw),
        outcome=_as_far_as_before_pv(together(base.outcome, with_pv.outcome)),
    )


def _as_far_as_before_pv(outcome: IntArray) -> IntArray:
    """Where the feeder has no solution without PV nobody can say what PV breaks: no level is judged there.

    `outcome` (deployment, level, step); the first level is the one without PV.
    """
    before_pv = outcome[:, :1]
    return np.where(before_pv == Outcome.CONVERGED, outcome, before_pv)
