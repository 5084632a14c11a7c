"""What the screen and the docs page say of optimal power flow. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.left_out import LeftOut, left_out_notes, left_out_text
from tieline.bench.kit.markdown import Block, Page, Section, Summary, Table
from tieline.bench.kit.numbers import milliseconds
from tieline.bench.opf.cases import COSTS, DER_SHARE, LOAD_RANGE, POWER_FACTOR, PRICE
from tieline.bench.opf.measure import Case, OpfTimes, ProgramTimes
from tieline.bench.opf.programs import LARGEST_NLP
from tieline.opf.replay import FEASIBLE_PU

INTRO = (
    "Every program answers the same questions; the set-points of all are judged by the same AC power flow.\n"
    "[What the formulations are](../opf.md)."
)


def summary(measured: OpfTimes) -> Summary:
    """Times and costs of all programs."""
    rows = []
    for case in measured.cases:
        for times in case.speeds:
            cold = f"{1e3 * times.cold_s:,.1f}"
            warm = ""
            if times.warm_s is not None:
                warm = f"{1e3 * times.warm_s:,.1f}"
            cost = f"{times.cost_on_ac:,.3f}"
            rows.append(
                (case.feeder, times.program, cold, warm, cost, f"{times.missed:.1e}")
            )
    headings = (
        "feeder",
        "program",
        "cold [ms]",
        "warm [ms]",
        "cost on AC",
        "limit missed by [pu]",
    )
    table = Table(headings, rows, "llrrrr")
    return Summary(
        [("Optimal power flow", table)], left_out_notes(_left_out(measured.cases))
    )


def page(measured: OpfTimes) -> Page:
    """The page of a measurement."""
    cases = measured.cases
    return Page(
        INTRO,
        [_questions(cases), _times(cases), _objectives(cases), _sensitivities(cases)],
    )


def _questions(cases: Sequence[Case]) -> Section:
    cheapest, dearest = (PRICE * cost for cost in COSTS)
    text = (
        f"One hour at nominal load. Generators at buses drawn from the seed, together {DER_SHARE:.0%} of the load; P up to "
        f"{POWER_FACTOR:g} of the\napparent power, Q up to what that leaves; costs rise from {cheapest:.3f} to "
        f"{dearest:.3f} per kWh, energy at the source costs {PRICE:.2f}.\n"
        "Regulators and capacitors stay where they come to rest without generators. Voltages keep 0.95 to 1.05 pu where that is\n"
        "possible, else the range of the feeder without generators. Branches have no limits."
    )
    rows = []
    for case in cases:
        low, high = case.v_range_pu
        rows.append(
            (
                case.feeder,
                f"{case.n_nodes:,}",
                str(case.n_ders),
                f"{low:.4f} to {high:.4f}",
            )
        )
    headings = ("feeder", "nodes", "generators", "voltages [pu]")
    return Section("The questions", [text, Table(headings, rows, "lrrr")])


def _times(cases: Sequence[Case]) -> Section:
    low, high = LOAD_RANGE
    text = (
        f"Cold: build from a checked problem and solve. Warm: again with each load drawn from {low:.0%} to {high:.0%}, nothing\n"
        "built anew, from the answer before where a program can. Rounds: AC solutions that the LP was linearised at, cold and\n"
        f"warm. The NLP is phase by phase on feeders with phases and left out above {LARGEST_NLP:,} nodes; the SOCP is left out\n"
        "where there are phases."
    )
    rows = []
    for case in cases:
        for times in case.speeds:
            cold_ms = milliseconds(times.cold_s)
            warm_ms = milliseconds(times.warm_s)
            rounds = ""
            if times.rounds:
                rounds = f"{times.rounds} / {times.warm_rounds}"
            rows.append((case.feeder, times.program, cold_ms, warm_ms, rounds))
    headings = ("feeder", "program", "cold [ms]", "warm [ms]", "rounds")
    return Section("Time", [text, Table(headings, rows, "llrrr")])


def _objectives(cases: Sequence[Case]) -> Section:
    text = (
        "Cost per hour as the program has it, and of its set-points on AC, against the AC optimum (the NLP's, or the LP's where\n"
        f"there is no NLP). A miss below {FEASIBLE_PU:g} pu is none. DistOPF's program has no losses: Q is free there."
    )
    rows = [_objective_row(case, times) for case in cases for times in case.speeds]
    headings = (
        "feeder",
        "program",
        "own cost",
        "cost on AC",
        "against the optimum",
        "limit missed by [pu]",
    )
    left_out = left_out_text(_left_out(cases), "Every program solved every case.")
    return Section("Objectives", [text, Table(headings, rows, "llrrrr"), left_out])


def _objective_row(case: Case, times: ProgramTimes) -> tuple[str, ...]:
    above_optimum = times.cost_on_ac / case.best_cost - 1
    miss = "none" if times.missed <= FEASIBLE_PU else f"{times.missed:.1e}"
    return (
        case.feeder,
        times.program,
        f"{times.cost:,.3f}",
        f"{times.cost_on_ac:,.3f}",
        f"{above_optimum:+.1e}",
        miss,
    )


def _left_out(cases: Sequence[Case]) -> list[LeftOut]:
    return [
        LeftOut(program, reason, case.feeder)
        for case in cases
        for program, reason in case.left_out.items()
    ]


def _sensitivities(cases: Sequence[Case]) -> Section:
    text = (
        "By the active power of loads. Tangents: change of all voltages by one load, all loads at once. Adjoint: change of the\n"
        "loss by every load. Differences: two power flows for each load, one batch, the same solver and threads."
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
    table = Table(headings, [_sensitivity_row(case) for case in cases], "lrrrrrrr")
    blocks: list[Block] = [text, table]
    return Section("Sensitivities", blocks + _where_differences_win(cases))


def _sensitivity_row(case: Case) -> tuple[str, ...]:
    measured = case.sensitivities
    return (
        case.feeder,
        f"{measured.n_loads:,}",
        f"{measured.tangents_per_s:,.0f}",
        f"{measured.differences_per_s:,.0f}",
        milliseconds(measured.adjoint_s),
        milliseconds(measured.difference_s),
        f"{measured.tangent_error_pu_per_kw:.0e}",
        f"{measured.adjoint_error:.0e}",
    )


def _where_differences_win(cases: Sequence[Case]) -> list[Block]:
    """Where differences are the faster way."""
    measured = {case.feeder: case.sensitivities for case in cases}
    voltages = [
        name for name, s in measured.items() if s.tangents_per_s < s.differences_per_s
    ]
    loss = [name for name, s in measured.items() if s.adjoint_s > s.difference_s]
    lost = {"all voltages": voltages, "the loss": loss}
    return [
        f"Differences are faster for {what} on {', '.join(feeders)}."
        for what, feeders in lost.items()
        if feeders
    ]
