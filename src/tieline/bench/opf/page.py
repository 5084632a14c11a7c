"""The docs page of the benchmark, in Markdown. Every number and judgement in it comes from the measurement."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.opf.cases import COSTS, DER_SHARE, LOAD_RANGE, POWER_FACTOR, PRICE
from tieline.bench.opf.measure import Case, Measurement, Speed
from tieline.bench.opf.programs import LARGEST_NLP
from tieline.bench.powerflow.page import table
from tieline.opf.replay import FEASIBLE_PU


def page(m: Measurement) -> str:
    """The page of a measurement."""
    sections = [
        _head(m),
        _questions(m.cases),
        _times(m.cases),
        _objectives(m.cases),
        _left_out(m.cases),
        _sensitivities(m.cases),
    ]
    return "\n\n".join(sections) + "\n"


def _head(m: Measurement) -> str:
    known = ", ".join(f"{name} {number}" for name, number in m.versions.items())
    return "\n".join(
        [
            "# Optimal power flow: time and agreement",
            "",
            "Every program answers the same questions; the set-points of all are judged by the same AC power flow.",
            "[What the formulations are](../opf.md). Written by the command",
            "",
            f"```bash\n{m.command}\n```",
            "",
            f"Machine: {m.machine}. {known}.",
        ]
    )


def _questions(cases: Sequence[Case]) -> str:
    low, high = COSTS
    text = (
        f"One hour at nominal load. Generators at buses drawn from the seed, together {DER_SHARE:.0%} of the load; P up to "
        f"{POWER_FACTOR:g} of the\napparent power, Q up to what that leaves; costs rise from {low * PRICE:.3f} to "
        f"{high * PRICE:.3f} per kWh, energy at the source costs {PRICE:.2f}.\n"
        "Regulators and capacitors stay where they come to rest without generators. Voltages keep 0.95 to 1.05 pu where that is\n"
        "possible, else the range of the feeder without generators. Branches have no limits."
    )
    rows = [
        (
            case.feeder,
            f"{case.n_nodes:,}",
            str(case.n_ders),
            f"{case.v_range_pu[0]:.4f} to {case.v_range_pu[1]:.4f}",
        )
        for case in cases
    ]
    return f"## The questions\n\n{text}\n\n" + table(
        ("feeder", "nodes", "generators", "voltages [pu]"), rows, "lrrr"
    )


def _times(cases: Sequence[Case]) -> str:
    low, high = LOAD_RANGE
    text = (
        f"Cold: build from a checked problem and solve. Warm: again with each load drawn from {low:.0%} to {high:.0%}, nothing\n"
        "built anew, from the answer before where a program can. Rounds: AC solutions that the LP was linearised at, cold and\n"
        f"warm. The NLP is phase by phase on feeders with phases and left out above {LARGEST_NLP:,} nodes; the SOCP is left out\n"
        "where there are phases."
    )
    rows = [
        (
            case.feeder,
            speed.program,
            _milliseconds(speed.cold_s),
            _milliseconds(speed.warm_s),
            _rounds(speed),
        )
        for case in cases
        for speed in case.speeds
    ]
    return f"## Time\n\n{text}\n\n" + table(
        ("feeder", "program", "cold [ms]", "warm [ms]", "rounds"), rows, "llrrr"
    )


def _objectives(cases: Sequence[Case]) -> str:
    text = (
        "Cost per hour as the program has it, and of its set-points on AC, against the AC optimum (the NLP's, or the LP's where\n"
        f"there is no NLP). A miss below {FEASIBLE_PU:g} pu is none. DistOPF's program has no losses: Q is free there."
    )
    rows = [
        (
            case.feeder,
            speed.program,
            f"{speed.cost:,.3f}",
            f"{speed.cost_on_ac:,.3f}",
            _against(case, speed),
            _miss(speed),
        )
        for case in cases
        for speed in case.speeds
    ]
    headings = (
        "feeder",
        "program",
        "own cost",
        "cost on AC",
        "against the optimum",
        "limit missed by [pu]",
    )
    return f"## Objectives\n\n{text}\n\n" + table(headings, rows, "llrrrr")


def _left_out(cases: Sequence[Case]) -> str:
    where: dict[str, list[str]] = {}
    for case in cases:
        for reason in case.left_out.values():
            where.setdefault(reason, []).append(case.feeder)
    if not where:
        return "Every program solved every case."
    return "Left out:\n\n" + "\n".join(
        f"- {reason}: {', '.join(feeders)}" for reason, feeders in where.items()
    )


def _sensitivities(cases: Sequence[Case]) -> str:
    text = (
        "By the active power of loads. Tangents: change of all voltages by one load, all loads at once. Adjoint: change of the\n"
        "loss by every load. Differences: two power flows for each load, one batch, the same solver and threads."
    )
    rows = []
    for case in cases:
        s = case.sensitivities
        numbers = (
            f"{s.tangents_per_s:,.0f}",
            f"{s.differences_per_s:,.0f}",
            _milliseconds(s.adjoint_s),
        )
        errors = (f"{s.tangent_error_pu_per_kw:.0e}", f"{s.adjoint_error:.0e}")
        rows.append(
            (case.feeder, f"{s.n_loads:,}", *numbers, _milliseconds(s.difference_s), *errors)
        )
    headings = (
        "feeder",
        "loads",
        "tangents/s",
        "by differences/s",
        "adjoint [ms]",
        "by differences [ms]",
        "tangent off by [pu/kW]",
        "adjoint off by [kW/kW]",
    )
    return "\n\n".join(["## Sensitivities", text, table(headings, rows, "lrrrrrrr"), *_lost(cases)])


def _lost(cases: Sequence[Case]) -> list[str]:
    """Where differences are the faster way."""
    found = [(case.feeder, case.sensitivities) for case in cases]
    slower = {
        "all voltages": [feeder for feeder, s in found if s.tangents_per_s < s.differences_per_s],
        "the loss": [feeder for feeder, s in found if s.adjoint_s > s.difference_s],
    }
    return [
        f"Differences are faster for {what} on {', '.join(where)}."
        for what, where in slower.items()
        if where
    ]


def _milliseconds(seconds: float | None) -> str:
    return (
        ""
        if seconds is None
        else f"{1e3 * seconds:,.3g}"
        if seconds < 1
        else f"{1e3 * seconds:,.0f}"
    )


def _rounds(speed: Speed) -> str:
    return f"{speed.rounds} / {speed.warm_rounds}" if speed.rounds else ""


def _against(case: Case, speed: Speed) -> str:
    return f"{speed.cost_on_ac / case.best_cost - 1:+.1e}"


def _miss(speed: Speed) -> str:
    return "none" if speed.missed <= FEASIBLE_PU else f"{speed.missed:.1e}"
