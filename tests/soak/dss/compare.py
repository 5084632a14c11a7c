"""One circuit in tieline and in OpenDSS: `compare(text, folder, controls)` says whether both agree, and if not, where.

Tolerance: a node may be a millionth of its base away. OpenDSS stops at 1e-11, tieline at 1e-10; what is left is rounding. Where
phases float, only the antifloat admittance of windings (a millionth of their rating) and the charging of cables tie them down.
OpenDSS adds a guard of 4.2e-8 S to every line, some per cent of that, which tieline leaves out (`feeders/opendss/primitives.py`);
so the common voltage of a floating bus may be a hundredth away, the voltages between its phases not. What it adds to open
lines is known (`leaks.py`) and taken along. Conductors in the air that tieline leaves out, with a note that says so, are not
compared.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soak.dss.leaks import with_leaks
from soak.dss.oracle import Answer, ask_opendss
from soak.dss.script import Script
from tieline.errors import NoAnswerError, TielineError
from tieline.feeders import Feeder, FeederError, load_feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve

VOLTAGE_PU = 1e-6
COMMON_PU = 1e-2
"""Of the common voltage of a floating bus: ten lines with their guards, on a winding of 100 kVA."""

POWER = 1e-5
"""Largest difference of source power, of its magnitude or of a kVA, whichever is larger."""

LOSS = 1e-4
"""Largest relative difference of the losses, beside what `POWER` allows."""

MOST_STEPS = 2000

NOTES_OF_DIFFERENCES = {
    f"OPENDSS.{code}"
    for code in (
        "CAPACITOR_CURRENT_TERMINAL",
        "CAPACITOR_PT_PHASE",
        "CAPACITOR_STEP_GAPS",
        "REMOTE_DELTA",
        "REMOTE_PT_PHASE",
        "TAP_BETWEEN_STEPS",
    )
}
"""Notes of a feeder that say where tieline does other than OpenDSS."""

AGREES = "agrees"
DIFFERS = "differs"
NOTED = "differs, as a note says"
REFUSED = "refused"
NO_ANSWER = "no answer"
NO_ORACLE = "OpenDSS does not converge"
BROKEN = "exception"


@dataclass(frozen=True)
class Comparison:
    """`verdict` is one of the words above, `detail` says where it differs or which codes refuse, `away_pu` the worst node."""

    verdict: str
    detail: str = ""
    away_pu: float = 0.0

    @property
    def is_failure(self) -> bool:
        """An answer that is not right, or something that is no answer at all."""
        return self.verdict in (DIFFERS, BROKEN, NO_ANSWER)


def compare(script: Script, folder: Path, controls: str) -> Comparison:
    """Compare both programs on a circuit, with controls "static" or "off"."""
    file = folder / "circuit.dss"
    file.write_text(script.text, encoding="utf-8")
    answer = ask_opendss(file, controls)
    if answer is None or not answer.converged:
        return Comparison(NO_ORACLE)
    try:
        network, solution = _solve(file, controls)
    except NoAnswerError as error:
        verdict = NOTED if _noted(load_feeder(file)) else NO_ANSWER
        return Comparison(verdict, _codes(error))
    except TielineError as error:
        return Comparison(REFUSED, _codes(error))
    except Exception as error:  # noqa: BLE001  whatever else comes out is a failure to report, not to stop at
        return Comparison(BROKEN, f"{type(error).__name__}: {error}")
    return _judge(answer, network, solution, script.floating)


def _solve(file: Path, controls: str) -> tuple[Network, Solution]:
    """tieline's answer; a warning of NumPy is a failure."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        network = Network.from_feeder(load_feeder(file))
        acting = "off" if controls == "off" else "feeder"
        solution = solve(
            network, controls=acting, tolerance=1e-10, max_iterations=MOST_STEPS
        )
        _ = solution.source_kva, solution.loss_kw
    return network, solution


def _codes(error: TielineError) -> str:
    if isinstance(error, FeederError):
        return ", ".join(
            sorted(
                {
                    finding.code
                    for finding in error.findings
                    if finding.severity == "error"
                }
            )
        )
    return f"{type(error).__name__}: {str(error)[:200]}"


def _judge(
    answer: Answer, network: Network, solution: Solution, floating: frozenset[str]
) -> Comparison:
    moved = [
        *_moved(answer.taps, _taps(network, solution)),
        *_moved(answer.steps, _steps(network, solution)),
    ]
    away = _away_pu(answer, network, solution, floating)
    worst = max(away, key=lambda name: away[name])
    wrong = [
        *moved,
        *_wrong_node(worst, away[worst], answer, network, solution),
        *_wrong_totals(answer, solution),
    ]
    if not wrong:
        return Comparison(AGREES, away_pu=away[worst])
    notes = _noted(network.feeder)
    verdict = NOTED if notes else DIFFERS
    return Comparison(verdict, "; ".join([*notes, *wrong]), away[worst])


def _noted(feeder: Feeder) -> list[str]:
    """Codes of the notes by which a feeder's answer may be another one than that of OpenDSS."""
    return sorted(NOTES_OF_DIFFERENCES.intersection(note.code for note in feeder.notes))


def _taps(network: Network, solution: Solution) -> dict[str, int]:
    names = [regulator.name for regulator in network.feeder.regulators]
    return dict(zip(names, solution.taps[0].tolist(), strict=True))


def _steps(network: Network, solution: Solution) -> dict[str, int]:
    names = [capacitor.name for capacitor in network.feeder.capacitors]
    return dict(
        zip(
            names, solution.capacitor_steps[0].round().astype(int).tolist(), strict=True
        )
    )


def _moved(right: dict[str, int], ours: dict[str, int]) -> Iterator[str]:
    for name in sorted(right.keys() & ours.keys()):
        if right[name] != ours[name]:
            yield f"{name} at {ours[name]}, OpenDSS {right[name]}"


def _away_pu(
    answer: Answer, network: Network, solution: Solution, floating: frozenset[str]
) -> dict[str, float]:
    """Distance of each node [pu of its base]; a node that tieline does not have counts as 0 V on the highest base."""
    base_v = network.node_kv * 1e3
    v_pu, uncertain_pu = with_leaks(network, solution)
    volts = dict(zip(network.node_names, v_pu * base_v, strict=True))
    base = dict(zip(network.node_names, base_v, strict=True))
    highest = max(base.values())
    left_out = _loose_nodes(answer, network)
    error = {
        name: (volts.get(name, 0j) - right) / base.get(name, highest)
        for name, right in answer.volts.items()
        if name not in left_out
    }
    for bus in floating:
        _take_out_common(
            error, [name for name in error if name.rpartition(".")[0] == bus]
        )
    uncertain = dict(zip(network.node_names, uncertain_pu, strict=True))
    return {
        name: max(abs(value) - uncertain.get(name, 0.0), 0.0)
        for name, value in error.items()
    }


def _loose_nodes(answer: Answer, network: Network) -> set[str]:
    """Phases that tieline left out of its buses, where a note says that they are conductors in the air."""
    if all(note.code != "LINE.LOOSE_CONDUCTOR" for note in network.feeder.notes):
        return set()
    buses = {bus.name for bus in network.feeder.buses}
    absent = answer.volts.keys() - network.node_index.keys()
    return {name for name in absent if name.rpartition(".")[0] in buses}


def _take_out_common(error: dict[str, complex], nodes: list[str]) -> None:
    """Leave out of the errors of a floating bus what all phases have in common, if that is small."""
    common = sum(error[name] for name in nodes) / max(len(nodes), 1)
    if abs(common) < COMMON_PU:
        error.update({name: error[name] - common for name in nodes})


def _wrong_node(
    name: str, away: float, answer: Answer, network: Network, solution: Solution
) -> Iterator[str]:
    if away > VOLTAGE_PU or not np.isfinite(away):
        index = network.node_index.get(name)
        volts = (
            0j
            if index is None
            else solution.v_pu[0, index] * network.node_kv[index] * 1e3
        )
        yield f"{name} {_phasor(volts)}, OpenDSS {_phasor(answer.volts[name])} ({away:.1e} pu)"


def _phasor(volts: complex) -> str:
    return f"{abs(volts):.3f} V at {np.degrees(np.angle(volts)):.3f} deg"


def _wrong_totals(answer: Answer, solution: Solution) -> Iterator[str]:
    source, loss_kw = complex(solution.source_kva[0]), float(solution.loss_kw[0])
    margin = POWER * max(1.0, abs(answer.source_kva))
    if not abs(source - answer.source_kva) <= margin:
        yield f"source {source:.4f} kVA, OpenDSS {answer.source_kva:.4f}"
    if not abs(loss_kw - answer.loss_kw) <= LOSS * abs(answer.loss_kw) + margin:
        yield f"loss {loss_kw:.5f} kW, OpenDSS {answer.loss_kw:.5f}"
