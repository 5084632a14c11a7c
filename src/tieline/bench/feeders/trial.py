"""One feeder file: read, solved and compared with the engine of its format, or why not."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from tieline.bench.feeders.engines import engine_of, engine_voltages
from tieline.bench.feeders.kinds import kind_of, kind_of_text
from tieline.bench.kit.left_out import reason_from
from tieline.bench.kit.peers import CannotRun
from tieline.errors import TielineError
from tieline.feeders import load_feeder
from tieline.feeders.findings import FeederError
from tieline.network import Network
from tieline.powerflow import Solution, solve
from tieline.typing import ComplexArray

TOLERANCE = 1e-10
"""Of our power flow [pu]: far below the differences that are looked for."""


@dataclass(frozen=True)
class Trial:
    """What came of one file.

    Attributes:
        file: as it was given.
        end: "solved", "unsolved" (read, but no voltages) or "refused".
        reason: why it is not solved, in a line; with several findings the first of each code.
        codes: of the findings that refused it.
        kind: what sort of network it is, one of `kinds`.
        nodes: how many it has.
        highest_kv: highest nominal voltage, line to line.
        read_s, network_s, solve_s: wall time of each step.
        engine: program that it was compared with; empty if with none.
        held_pu, acting_pu: largest difference of the complex voltages, with controls held and acting.
        engine_reason: why there is no comparison.
        notes: codes of what the reader and the checks noted.
    """

    file: str
    end: str
    reason: str = ""
    codes: tuple[str, ...] = ()
    kind: str = ""
    nodes: int | None = None
    highest_kv: float | None = None
    read_s: float | None = None
    network_s: float | None = None
    solve_s: float | None = None
    engine: str = ""
    held_pu: float | None = None
    acting_pu: float | None = None
    engine_reason: str = ""
    notes: tuple[str, ...] = ()


def try_file(file: str) -> Trial:
    """Read, solve and compare one file; whatever it holds, the answer is a `Trial`."""
    start = time.perf_counter()
    try:
        feeder = load_feeder(file)
    except FeederError as error:
        codes = tuple(dict.fromkeys(finding.code for finding in error.findings))
        return Trial(
            file, "refused", _one_of_each(error), codes, kind=kind_of_text(file)
        )
    except TielineError as error:
        reason = reason_from(error)
        return Trial(file, "refused", reason, kind=kind_of_text(file))
    read_s = time.perf_counter() - start
    start = time.perf_counter()
    network = Network.from_feeder(feeder)
    network_s = time.perf_counter() - start
    start = time.perf_counter()
    facts = {
        "kind": kind_of(feeder),
        "nodes": network.n_nodes,
        "highest_kv": max(bus.kv_ll for bus in feeder.buses),
        "read_s": read_s,
        "network_s": network_s,
        "notes": tuple(dict.fromkeys(note.code for note in feeder.notes)),
    }
    try:
        at_rest = solve(network, controls="off", tolerance=TOLERANCE)
        acting = solve(network, tolerance=TOLERANCE)
    except TielineError as error:
        return Trial(file, "unsolved", reason_from(error), **facts)
    solve_s = time.perf_counter() - start
    comparison = _judge(file, network, at_rest, acting)
    return Trial(file, "solved", solve_s=solve_s, **facts, **comparison)


def _one_of_each(error: FeederError) -> str:
    """The first finding of each code, with the number of those that are like it."""
    texts = []
    for code in dict.fromkeys(finding.code for finding in error.findings):
        alike = [finding for finding in error.findings if finding.code == code]
        more = f" (and {len(alike) - 1} more)" if len(alike) > 1 else ""
        texts.append(f"[{code}] {alike[0].component}: {alike[0].message}{more}")
    return "; ".join(texts)


def _judge(file: str, network: Network, at_rest: Solution, acting: Solution) -> dict:
    """The comparison with the engine, as fields of a `Trial`."""
    engine = engine_of(file)
    # what tieline wrote or bundles has no other program to judge it
    if engine is None:
        return {}
    try:
        of_held = engine_voltages(file, network, controls=False)
        of_acting = of_held
        if network.feeder.has_controls:
            of_acting = engine_voltages(file, network, controls=True)
    except (CannotRun, TielineError) as error:
        return {"engine": engine, "engine_reason": reason_from(error)}
    return {
        "engine": engine,
        "held_pu": largest_difference(at_rest.v_pu[0], of_held),
        "acting_pu": largest_difference(acting.v_pu[0], of_acting),
    }


def largest_difference(v_pu: ComplexArray, engine_v_pu: ComplexArray) -> float | None:
    """Largest difference of complex voltages [pu] over the nodes that the engine has too; None if it has none of them."""
    is_common = np.isfinite(engine_v_pu)
    if not is_common.any():
        return None
    return float(np.abs(v_pu - engine_v_pu)[is_common].max())
