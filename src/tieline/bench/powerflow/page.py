"""What the screen and the docs page say of the power flow's speed. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tieline.bench.kit.goals import at_least
from tieline.bench.kit.left_out import LeftOut, left_out_notes, left_out_text
from tieline.bench.kit.markdown import Page, Section, Summary, Table, bullets
from tieline.bench.kit.numbers import (
    NO_ANSWER_PU,
    error_text,
    rate,
    seconds,
    times_text,
)
from tieline.bench.powerflow.batch_growth import growth_section
from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.growth_curves import growth_curves_section
from tieline.bench.powerflow.limits import limits_section
from tieline.bench.powerflow.measure import LOAD_RANGE
from tieline.bench.powerflow.measurement import Case, PowerFlowSpeeds, ProgramSpeed
from tieline.bench.powerflow.peers import TOLERANCE
from tieline.bench.powerflow.precision import LIMIT_CHECK_PU
from tieline.bench.powerflow.timing import AT_LEAST_S, ROUNDS
from tieline.bench.powerflow.tried import tried_section
from tieline.powerflow.kernel.lanes import LANES


@dataclass(frozen=True)
class Target:
    """A case, a peer, and how many times faster than it tieline must be (`floor`) and would like to be (`aim`)."""

    case: str
    peer: str
    floor: float
    aim: float | None = None


TARGETS = (
    Target("ieee33", "power-grid-model", 25, 40),
    Target("ieee123", "opendss", 40, 150),
    Target("ieee8500", "opendss", 20, 200),
    Target("ieee123, regulators acting", "opendss", 20),
)
"""What the project has promised itself."""


def summary(speeds: PowerFlowSpeeds) -> Summary:
    """Rates and ratios of all programs."""
    rows = []
    for case in speeds.cases:
        for speed in case.speeds:
            rate_text = f"{speed.solves_per_s:,.0f}"
            times = f"{speed.tieline_is_faster:.1f}"
            difference = f"{speed.largest_difference_pu:.1e}"
            rows.append((case.name, speed.program, rate_text, times, difference))
    headings = (
        "case",
        "program",
        "solves/s",
        "tieline is faster by",
        "largest difference [pu]",
    )
    table = Table(headings, rows, "llrrr")
    return Summary(
        [("Power flows per second", table)], left_out_notes(_left_out(speeds.cases))
    )


def page(speeds: PowerFlowSpeeds) -> Page:
    """The page of a measurement."""
    cases = speeds.cases
    intro = f"Random loads, the same for every program, solved to {speeds.tolerance:g} and compared."
    growth = {case.name: case.growth for case in cases}
    sections = [
        _speeds(cases),
        _targets(cases),
        limits_section(cases),
        tried_section(),
        _threads(cases),
        growth_section(growth),
        growth_curves_section(cases, speeds.lp),
    ]
    if speeds.cold_start is not None:
        sections.append(_cold_start(speeds.cold_start))
    sections += [_precision(cases), _rules(speeds.seed)]
    return Page(intro, sections)


def _speeds(cases: Sequence[Case]) -> Section:
    rows = [_speed_row(case, speed) for case in cases for speed in case.speeds]
    headings = (
        "case",
        "program",
        "solves/s",
        "tieline is faster by",
        "largest difference [pu]",
        "scenarios",
    )
    table = Table(headings, rows, "llrrrr")
    left_out = left_out_text(_left_out(cases), "Every program solved every case.")
    return Section("Solves per second", [table, left_out])


def _speed_row(case: Case, speed: ProgramSpeed) -> tuple[str, ...]:
    times = ""
    difference = ""
    if speed.program != "tieline":
        times = times_text(speed.tieline_is_faster)
        difference = f"{speed.largest_difference_pu:.0e}"
    solves = rate(speed.solves_per_s)
    return case.name, speed.program, solves, times, difference, f"{speed.scenarios:,}"


def _left_out(cases: Sequence[Case]) -> list[LeftOut]:
    return [
        LeftOut(name, reason, case.name)
        for case in cases
        for name, reason in case.left_out.items()
    ]


def _targets(cases: Sequence[Case]) -> Section:
    note = "How many times faster than a peer tieline must be (floor) and would like to be (aim)."
    rows = [_target_row(target, cases) for target in TARGETS]
    headings = ("case", "peer", "measured", "floor", "aim")
    return Section("Floors and aims", [note, Table(headings, rows, "llrll")])


def _target_row(target: Target, cases: Sequence[Case]) -> tuple[str, ...]:
    """A row with two goals for the same ratio."""
    ratio = _ratio(target, cases)
    measured = "not measured"
    if ratio is not None:
        measured = times_text(ratio)
    floor_verdict = _verdict(ratio, target.floor)
    aim_verdict = _verdict(ratio, target.aim)
    return target.case, target.peer, measured, floor_verdict, aim_verdict


def _ratio(target: Target, cases: Sequence[Case]) -> float | None:
    """How many times faster than the target's peer tieline was; None if that was not measured."""
    for case in cases:
        speed = case.speed(target.peer)
        if case.name == target.case and speed is not None:
            return speed.tieline_is_faster
    return None


def _verdict(ratio: float | None, least: float | None) -> str:
    """For example "25: met"; "none" where nothing is wanted."""
    if least is None:
        return "none"
    goal = at_least("times faster", ratio, least)
    return f"{goal.wanted}: {goal.verdict}"


def _threads(cases: Sequence[Case]) -> Section:
    note = "Solves per second of the whole batch, by number of threads:"
    return Section("Threads", [note, _by_threads(cases)])


def _by_threads(cases: Sequence[Case]) -> Table:
    counts: set[int] = set()
    for case in cases:
        counts |= case.by_threads.keys()
    ordered = sorted(counts)
    rows = [[case.name, *_rates(case.by_threads, ordered)] for case in cases]
    headings = ["case", *map(str, ordered)]
    return Table(headings, rows, "l" + "r" * len(ordered))


def _rates(speeds: Mapping[int, float], keys: Sequence[int]) -> list[str]:
    """Speeds in the order of the keys, empty where there is none."""
    return [rate(speeds[key]) if key in speeds else "" for key in keys]


def _cold_start(times: ColdStart) -> Section:
    rows = [
        ("Python alone", seconds(times.python_s)),
        ("`tieline --help`", seconds(times.help_s)),
        ("`import tieline`", seconds(times.import_s)),
        (
            "first solve of a process, functions compiled before",
            seconds(times.first_solve_s),
        ),
        (
            "first solve after installation, nothing compiled yet",
            seconds(times.after_installation_s),
        ),
        (
            "`tieline solve ieee13`, functions compiled before",
            seconds(times.command_s),
        ),
        (
            "`tieline solve ieee13` after installation, nothing compiled yet",
            seconds(times.first_command_s),
        ),
    ]
    note = "Wall time of whole processes, Python's own start included."
    return Section("Cold start", [note, Table(("process", "time"), rows, "lr")])


def _precision(cases: Sequence[Case]) -> Section:
    errors = {case.name: case.single for case in cases if case.single is not None}
    rows = [
        (name, error_text(error.stored_pu), error_text(error.iterated_pu))
        for name, error in errors.items()
    ]
    headings = ("case", "voltages stored in float32 [pu]", "iteration in float32 [pu]")
    blocks = [
        "All is computed and returned in float64. Largest errors of a snapshot in single precision:",
        Table(headings, rows, "lrr"),
        _storing(
            max((error.stored_pu for error in errors.values()), default=0.0), cases
        ),
        _iterating([error.iterated_pu for error in errors.values()]),
    ]
    return Section("float32", blocks)


def _storing(error_pu: float, cases: Sequence[Case]) -> str:
    """Whether float32 is good enough for results, and what it would save."""
    verdict = "is enough" if error_pu <= LIMIT_CHECK_PU else "is not enough"
    shares = [case.load.shares["memory"] for case in cases if case.load is not None]
    return (
        f"To store voltages for checks of limits, which need {LIMIT_CHECK_PU:g} pu, single precision {verdict}: it costs at most "
        f"{error_pu:.0e} pu and halves files and memory. A solve gains little from it: its memory traffic is at most "
        f"{max(shares, default=0.0):.0%} of what the machine can do."
    )


def _iterating(errors_pu: Sequence[float]) -> str:
    """Whether an iteration in float32 reaches the tolerance."""
    lost = sum(error >= NO_ANSWER_PU for error in errors_pu)
    reached = sum(error <= TOLERANCE for error in errors_pu)
    return (
        "To iterate in it is another matter. The current into a node is a small difference of large products of admittance and "
        "voltage, and what single precision loses there comes back in the voltages of every iteration. "
        f"It reaches {TOLERANCE:g} pu on {reached} of {len(errors_pu)} feeders and finds no answer at all on {lost}; "
        f"the best error is {min(errors_pu, default=0.0):.0e} pu."
    )


def _rules(seed: int) -> Section:
    low, high = LOAD_RANGE
    rules = [
        f"Programs take turns. In a round each repeats its call until {AT_LEAST_S:g} s of solving have passed; the median "
        f"call counts. Rates are medians over {ROUNDS} rounds, ratios medians of the ratios within a round.",
        f"Each load is drawn evenly from {low:g} to {high:g} of its nominal power (seed {seed}). Slower programs solve "
        "the first scenarios of tieline's batch. Taps and steps are held where the case does not say that regulators act.",
        "Only solvers are timed. OpenDSS and pandapower are not charged for being told the loads one by one.",
        "Work is counted from the elimination plan, see `src/tieline/bench/powerflow/work.py`. Iterations in the table are means "
        f"over scenarios; rates count those that are run, which go on until the slowest of {LANES} side by side rests.",
    ]
    return Section("How it is measured", [bullets(rules)])
