"""The power flow of a MATPOWER case as its manual writes it, worked out from the matrices alone: the judge of our model.

Bus admittance by branches of ratio and shift (eqs. 3.1 to 3.3), Newton's method in polar coordinates from the voltages of the
file, PV buses at the set point of their last generator, no limits of reactive power: what `runpf` does by default. Nothing here
comes from tieline's network or solver.

Source: R. D. Zimmerman, C. E. Murillo-Sanchez, MATPOWER User's Manual, version 8, chapters 3 and 4.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from tieline.bench.kit.peers import CannotRun
from tieline.feeders.matpower.script import Case
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

PV = 2
REFERENCE = 3
ISOLATED = 4

MOST_STEPS = 30
EXACT_PU = 1e-11
"""Step of a voltage after which no other one follows."""


def case_voltages(case: Case) -> ComplexArray:
    """Voltage of each bus, (bus,) [pu]; NaN at isolated ones.

    Raises:
        CannotRun: if Newton's method does not converge.
    """
    kind = case.column("bus", "BUS_TYPE")
    gen_bus = _places(case, case.column("gen", "GEN_BUS"))
    is_on = (case.column("gen", "GEN_STATUS") > 0) & (kind[gen_bus] != ISOLATED)
    # a PV bus without a generator is one of given power
    is_held = np.zeros(len(kind), dtype=bool)
    is_held[gen_bus[is_on]] = True
    is_held &= kind == PV
    is_reference = kind == REFERENCE
    size = case.column("bus", "VM").copy()
    at_holder = is_on & (is_held | is_reference)[gen_bus]
    size[gen_bus[at_holder]] = case.column("gen", "VG")[at_holder]
    angle = np.radians(case.column("bus", "VA"))
    power = _injected_pu(case, gen_bus, is_on)
    admittance = _admittance(case, kind)
    is_dead = kind == ISOLATED
    start_pu: ComplexArray = (size * np.exp(1j * angle)).astype(complex)
    v_pu = _newton(admittance, power, start_pu, is_held, is_reference | is_dead)
    return np.where(is_dead, complex(np.nan), v_pu)


def _places(case: Case, numbers: FloatArray) -> IntArray:
    """Row of each bus number."""
    row_of = {number: k for k, number in enumerate(case.column("bus", "BUS_I"))}
    return np.array([row_of[number] for number in numbers], dtype=np.int64)


def _injected_pu(case: Case, gen_bus: IntArray, is_on: BoolArray) -> ComplexArray:
    load_mva = case.column("bus", "PD") + 1j * case.column("bus", "QD")
    generation_mva = case.column("gen", "PG") + 1j * case.column("gen", "QG")
    power_mva = -load_mva
    np.add.at(power_mva, gen_bus[is_on], generation_mva[is_on])
    return power_mva / case.base_mva


def _admittance(case: Case, kind: FloatArray) -> sparse.csr_array:
    """Y of all buses, (bus, bus) [pu]."""
    start = _places(case, case.column("branch", "F_BUS"))
    end = _places(case, case.column("branch", "T_BUS"))
    in_service = case.column("branch", "BR_STATUS") > 0
    in_service &= (kind[start] != ISOLATED) & (kind[end] != ISOLATED)
    start, end = start[in_service], end[in_service]
    r_pu = case.column("branch", "BR_R")[in_service]
    x_pu = case.column("branch", "BR_X")[in_service]
    series = 1 / (r_pu + 1j * x_pu)
    half = 0.5j * case.column("branch", "BR_B")[in_service]
    tap = case.column("branch", "TAP")[in_service]
    # a ratio of zero is how the format says that there is no transformer
    size = np.where(tap == 0, 1.0, tap)
    ratio = size * np.exp(1j * np.radians(case.column("branch", "SHIFT")[in_service]))
    n_buses = len(kind)
    shunt = (case.column("bus", "GS") + 1j * case.column("bus", "BS")) / case.base_mva
    every = np.arange(n_buses)
    rows = np.concatenate([start, start, end, end, every])
    columns = np.concatenate([start, end, start, end, every])
    at_end = series + half
    at_start = at_end / size**2
    values = np.concatenate(
        [at_start, -series / np.conj(ratio), -series / ratio, at_end, shunt]
    )
    places = (rows, columns)
    return sparse.csr_array((values, places), shape=(n_buses, n_buses))


def _newton(
    admittance: sparse.csr_array,
    power: ComplexArray,
    v_pu: ComplexArray,
    is_held: BoolArray,
    is_fixed: BoolArray,
) -> ComplexArray:
    """Angles of all buses but fixed ones and magnitudes of those that are not held either."""
    of_angle = np.flatnonzero(~is_fixed)
    of_size = np.flatnonzero(~is_fixed & ~is_held)
    for _ in range(MOST_STEPS):
        current = admittance @ v_pu
        missing = v_pu * np.conj(current) - power
        by_angle, by_size = _slopes(admittance, v_pu, current)
        matrix = sparse.block_array(
            [
                [
                    by_angle[of_angle][:, of_angle].real,
                    by_size[of_angle][:, of_size].real,
                ],
                [
                    by_angle[of_size][:, of_angle].imag,
                    by_size[of_size][:, of_size].imag,
                ],
            ],
            format="csc",
        )
        right_side = np.concatenate([missing[of_angle].real, missing[of_size].imag])
        step = np.asarray(spsolve(matrix, -right_side))
        angle = np.angle(v_pu)
        size = np.abs(v_pu)
        angle[of_angle] += step[: len(of_angle)]
        size[of_size] += step[len(of_angle) :]
        v_pu = size * np.exp(1j * angle)
        if not np.isfinite(step).all():
            break
        if np.abs(step).max(initial=0.0) <= EXACT_PU:
            return v_pu
    raise CannotRun("Newton's method on MATPOWER's equations does not converge")


def _slopes(
    admittance: sparse.csr_array, v_pu: ComplexArray, current: ComplexArray
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Of the power that leaves each bus, by angles and by magnitudes."""
    of_v = sparse.diags_array(v_pu)
    of_current = sparse.diags_array(current)
    direction = sparse.diags_array(v_pu / np.abs(v_pu))
    by_angle = 1j * of_v @ (of_current - admittance @ of_v).conj()
    by_size = of_v @ (admittance @ direction).conj() + of_current.conj() @ direction
    return sparse.csr_array(by_angle), sparse.csr_array(by_size)
