"""`decorated(case, seed)`: a MATPOWER case as text, with whatever people write around the numbers that changes nothing.

Comments with code in them, rows over several lines, commas, further functions, branches of an `if` that is false, statements
after `return`, and data in ohm, kW or half with the statements that turn them back.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from soak.matpower_cases import MatpowerCase
from tieline.typing import FloatArray

DECOY = "mpc.baseMVA = 777;"
Random = np.random.Generator


def decorated(case: MatpowerCase, seed: int) -> str:
    """The text of a case file; the same seed gives the same text."""
    random = np.random.default_rng(seed)
    case, undo = _other_units(case, random)
    takes = str(random.choice(["", "", "(heavy)"]))
    parts = [
        f"function mpc = c{seed}{takes}",
        "mpc.version = '2';",
        f"mpc.baseMVA = {case.base_mva:g};",
    ]
    matrices = {"bus": case.bus, "gen": case.gen, "branch": case.branch}
    for name, matrix in matrices.items():
        parts += [*_aside(random, takes), _matrix(name, matrix, random)]
    parts += [*_aside(random, takes), *undo, *_ending(random)]
    return "\n".join(parts) + "\n"


def _other_units(case: MatpowerCase, random: Random) -> tuple[MatpowerCase, list[str]]:
    """The case in other units, and the statements that lead back."""
    ways: list[Callable[[MatpowerCase], tuple[MatpowerCase, list[str]]]] = [
        _as_it_is,
        _in_kilowatts,
        _in_ohms,
        _halved,
    ]
    return ways[int(random.integers(len(ways)))](case)


def _as_it_is(case: MatpowerCase) -> tuple[MatpowerCase, list[str]]:
    return case, []


def _in_kilowatts(case: MatpowerCase) -> tuple[MatpowerCase, list[str]]:
    bus = case.bus.copy()
    bus[:, 2:4] *= 1e3
    undo = ["define_constants;", "mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;"]
    return MatpowerCase(case.base_mva, bus, case.gen, case.branch), undo


def _in_ohms(case: MatpowerCase) -> tuple[MatpowerCase, list[str]]:
    branch = case.branch.copy()
    branch[:, 2:4] *= 12660**2 / (case.base_mva * 1e6)
    undo = [
        "[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...",
        "    VA, BASE_KV, ZONE, VMAX, VMIN, LAM_P, LAM_Q, MU_VMAX, MU_VMIN] = idx_bus;",
        "Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in Volts",
        "Sbase = mpc.baseMVA * 1e6;              %% in VA",
        "mpc.branch(:, [3 4]) = mpc.branch(:, [3 4]) / (Vbase^2 / Sbase);",
    ]
    return MatpowerCase(case.base_mva, case.bus, case.gen, branch), undo


def _halved(case: MatpowerCase) -> tuple[MatpowerCase, list[str]]:
    bus = case.bus.copy()
    bus[:, 2:4] /= 2
    undo = ["mpc.bus(:, 3:4) = 2 * mpc.bus(:, 3:4);"]
    return MatpowerCase(case.base_mva, bus, case.gen, case.branch), undo


def _matrix(name: str, matrix: FloatArray, random: Random) -> str:
    lines = [f"mpc.{name} = ["]
    for row in matrix:
        lines += _row([f"{value:.17g}" for value in row], random)
    return "\n".join([*lines, "];"])


def _row(numbers: list[str], random: Random) -> list[str]:
    blank = str(random.choice([" ", "\t", ", ", "  "]))
    remark = str(random.choice(["", "", " % a remark; with [brackets", "  %% 1 2 3"]))
    if random.random() < 0.2:
        middle = int(random.integers(1, len(numbers)))
        return [
            f"\t{blank.join(numbers[:middle])}{blank}... the rest",
            f"\t{blank.join(numbers[middle:])};{remark}",
        ]
    end = str(random.choice([";", ";", ""]))
    return [f"\t{blank.join(numbers)}{end}{remark}"]


def _aside(random: Random, takes: str) -> list[str]:
    """Lines that MATLAB does not run."""
    asides = [
        [],
        ["%% a remark", f"% {DECOY}"],
        ["%{", DECOY, "mpc.bus = [];", "%}"],
        ["if false", f"    {DECOY}", "end"],
        [""],
    ]
    if takes:
        asides.append(
            [
                f"if nargin > 0, {DECOY} end"
                if random.random() < 0.3
                else f"if nargin > 0\n    {DECOY}\nend"
            ]
        )
    return asides[int(random.integers(len(asides)))]


def _ending(random: Random) -> list[str]:
    endings = [
        [],
        ["return", DECOY],
        ["return;", "mpc.bus(:, 3) = mpc.bus(:, 3) * 2;"],
        ["end", "", "function y = other(x)", f"{DECOY}", "y = x;", "end"],
    ]
    return endings[int(random.integers(len(endings)))]
