"""`random_case(seed)`: a random MATPOWER case with one reference bus, and a Newton of its own that solves it.

    S_k = V_k conj(sum_j Y_kj V_j),   branch: y = 1/(r + jx), b/2 at either end, tap a = ratio e^(j angle) at the from end

Source: MATPOWER User's Manual, chapter 3 (branch model, eq. 3.1 to 3.4; power balance, eq. 3.16).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.typing import ComplexArray, FloatArray

NEWTON_STEPS = 30


@dataclass(frozen=True)
class MatpowerCase:
    """The matrices of a case in the units of the format: MW, Mvar, kV, per unit of `base_mva`."""

    base_mva: float
    bus: FloatArray
    gen: FloatArray
    branch: FloatArray


@dataclass(frozen=True)
class Flow:
    """What Newton finds: voltages [pu] in the order of the buses, and the active loss of all branches [kW]."""

    v_pu: ComplexArray
    loss_kw: float


def random_case(seed: int) -> MatpowerCase:
    """A tree of 3 to 15 buses with a few loops; numbers of buses are in no order."""
    random = np.random.default_rng(seed)
    count, base_mva = int(random.integers(3, 16)), float(random.choice([1, 10, 100]))
    numbers = random.choice(np.arange(1, 60), count, replace=False).astype(float)
    reference = int(random.integers(count))
    return MatpowerCase(
        base_mva,
        _buses(random, numbers, reference),
        _generators(random, numbers, reference),
        _branches(random, numbers, base_mva),
    )


def _buses(
    random: np.random.Generator, numbers: FloatArray, reference: int
) -> FloatArray:
    bus = np.zeros((len(numbers), 13))
    bus[:, 0] = numbers
    bus[:, 1] = np.where(np.arange(len(numbers)) == reference, 3, 1)
    bus[:, 2] = np.round(random.uniform(0, 0.2, len(numbers)), 4)
    bus[:, 3] = np.round(random.uniform(-0.05, 0.1, len(numbers)), 4)
    bus[:, 4] = np.round(
        random.choice([0, 0, 1]) * random.uniform(0, 0.02, len(numbers)), 4
    )
    bus[:, 5] = np.round(
        random.choice([0, 0, 1]) * random.uniform(-0.05, 0.1, len(numbers)), 4
    )
    bus[:, [6, 7, 9, 10, 11, 12]] = [1, 1, 12.66, 1, 1.1, 0.9]
    return bus


def _generators(
    random: np.random.Generator, numbers: FloatArray, reference: int
) -> FloatArray:
    """The reference's, and some of constant power; one out of service must not count."""
    gen = [
        [
            numbers[reference],
            0,
            0,
            10,
            -10,
            round(float(random.uniform(0.98, 1.05)), 4),
            10,
            1,
            10,
            -10,
        ]
    ]
    others = [number for number in numbers if number != numbers[reference]]
    for number in random.choice(others, min(2, len(others)), replace=False):
        status = int(random.choice([1, 1, 0]))
        gen.append(
            [
                number,
                round(float(random.uniform(0, 0.3)), 4),
                round(float(random.uniform(-0.1, 0.1)), 4),
                1,
                -1,
                1,
                10,
                status,
                1,
                0,
            ]
        )
    shuffled = random.permutation(len(gen))
    return np.array(gen)[shuffled]


def _branches(
    random: np.random.Generator, numbers: FloatArray, base_mva: float
) -> FloatArray:
    """A tree, some further branches, some of them out of service; ratios and angles here and there."""
    pairs = [
        (numbers[int(random.integers(k))], numbers[k]) for k in range(1, len(numbers))
    ]
    pairs = [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]
    tree = len(pairs)
    pairs += [
        tuple(random.choice(numbers, 2, replace=False))
        for _ in range(int(random.integers(0, 4)))
    ]
    branch = np.zeros((len(pairs), 13))
    branch[:, :2] = pairs
    branch[:, 2] = np.round(random.uniform(0.001, 0.008, len(pairs)) * base_mva, 6)
    branch[:, 3] = np.round(random.uniform(0.001, 0.012, len(pairs)) * base_mva, 6)
    branch[:, 4] = np.round(
        random.choice([0, 1]) * random.uniform(0, 0.02, len(pairs)) / base_mva, 6
    )
    is_tapped = random.random(len(pairs)) < 0.3
    branch[:, 8] = np.where(
        is_tapped, np.round(random.uniform(0.95, 1.05, len(pairs)), 4), 0
    )
    branch[:, 9] = np.where(
        is_tapped & (np.arange(len(pairs)) < tree),
        random.choice([0, 0, 5, -30], len(pairs)),
        0,
    )
    branch[:, 10] = np.where(
        np.arange(len(pairs)) < tree, 1, random.choice([0, 1], len(pairs))
    )
    branch[:, 11:] = [-360, 360]
    return branch


def solve_by_newton(case: MatpowerCase) -> Flow | None:
    """Voltages and loss, or None where Newton does not converge."""
    place = {number: k for k, number in enumerate(case.bus[:, 0])}
    y, ends = _admittance(case, place)
    reference = int(np.flatnonzero(case.bus[:, 1] == 3)[0])
    free = np.flatnonzero(np.arange(len(case.bus)) != reference)
    v = _no_load(y, free, reference, _set_point(case, reference))
    power = _injection(case, place)
    for _ in range(NEWTON_STEPS):
        mismatch = (v * np.conj(y @ v) - power)[free]
        if np.abs(mismatch).max() < 1e-13:
            return Flow(v, _loss_kw(case, ends, v))
        v[free] += _newton_step(y, v, free, mismatch)
    return None


def _no_load(
    y: ComplexArray, free: np.ndarray, reference: int, set_point: float
) -> ComplexArray:
    """Voltages without load: a start that has the turns of all transformers already."""
    v = np.full(len(y), set_point, dtype=complex)
    v[free] = np.linalg.solve(y[np.ix_(free, free)], -y[free, reference] * set_point)
    return v


def _newton_step(
    y: ComplexArray, v: ComplexArray, free: np.ndarray, mismatch: ComplexArray
) -> ComplexArray:
    """Change of the free voltages. S = V conj(Y V), so dS = conj(Y V) dV + V conj(Y dV), with real and imaginary parts apart."""
    current = np.conj(y @ v)[free]
    into = v[free, None] * np.conj(y[np.ix_(free, free)])
    by_real, by_imaginary = np.diag(current) + into, 1j * (np.diag(current) - into)
    jacobian = np.block(
        [[by_real.real, by_imaginary.real], [by_real.imag, by_imaginary.imag]]
    )
    step = np.linalg.solve(jacobian, -np.r_[mismatch.real, mismatch.imag])
    return step[: len(free)] + 1j * step[len(free) :]


def _admittance(
    case: MatpowerCase, place: dict[float, int]
) -> tuple[ComplexArray, list[tuple[int, int, ComplexArray]]]:
    y = np.diag((case.bus[:, 4] + 1j * case.bus[:, 5]) / case.base_mva).astype(complex)
    ends = []
    for row in case.branch[case.branch[:, 10] > 0]:
        series, charging = 1 / complex(row[2], row[3]), 0.5j * row[4]
        tap = (row[8] or 1.0) * np.exp(1j * np.radians(row[9]))
        own = np.array(
            [
                [(series + charging) / abs(tap) ** 2, -series / np.conj(tap)],
                [-series / tap, series + charging],
            ]
        )
        at = [place[row[0]], place[row[1]]]
        y[np.ix_(at, at)] += own
        ends.append((at[0], at[1], own))
    return y, ends


def _set_point(case: MatpowerCase, reference: int) -> float:
    return float(next(row[5] for row in case.gen if row[0] == case.bus[reference, 0]))


def _injection(case: MatpowerCase, place: dict[float, int]) -> ComplexArray:
    power = -(case.bus[:, 2] + 1j * case.bus[:, 3]) / case.base_mva
    for row in case.gen[case.gen[:, 7] > 0]:
        power[place[row[0]]] += complex(row[1], row[2]) / case.base_mva
    return power


def _loss_kw(
    case: MatpowerCase, ends: list[tuple[int, int, ComplexArray]], v: ComplexArray
) -> float:
    into = [
        v[[start, end]] * np.conj(own @ v[[start, end]]) for start, end, own in ends
    ]
    return float(np.sum(into).real) * case.base_mva * 1e3
