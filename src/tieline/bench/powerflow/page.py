"""The docs page of a measurement, in Markdown. Every number in it, and every judgement, comes from the measurement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.measure import LOAD_RANGE
from tieline.bench.powerflow.measurement import Case, Load, Measurement
from tieline.bench.powerflow.peers import TOLERANCE
from tieline.bench.powerflow.precision import LIMIT_CHECK_PU
from tieline.bench.powerflow.targets import TARGETS, verdict
from tieline.bench.powerflow.timing import AT_LEAST_S, ROUNDS
from tieline.powerflow.kernel.lanes import LANES

NEAR = 0.4
"""Share of a peak from which on it is called the limit: a real kernel mixes loads, stores and arithmetic, and reaches no peak."""

NO_ANSWER_PU = 0.1
"""An error this large is no answer at all."""

SOME_SIZE = 256
"""Batch size whose speed the sentence about overheads names, or the largest below the whole batch."""


def page(m: Measurement, figure: str) -> str:
    """The page; `figure` is the file name of the roofline beside it."""
    sections = [
        _head(m),
        _speeds(m.cases),
        _targets(m.cases),
        _limits(m.cases, figure),
        _scaling(m.cases),
    ]
    if m.cold_start is not None:
        sections.append(_cold_start(m.cold_start))
    sections += [_single(m.cases), _rules(m)]
    return "\n\n".join(sections) + "\n"


def _head(m: Measurement) -> str:
    return "\n".join(
        [
            "# Power flow: speed",
            "",
            f"Random loads, the same for every program, solved to {m.tolerance:g} and compared. Written by the command",
            "",
            f"```bash\n{m.command}\n```",
            "",
            f"Machine: {m.machine}. "
            + ", ".join(f"{name} {number}" for name, number in m.versions.items())
            + ".",
        ]
    )


def _speeds(cases: Sequence[Case]) -> str:
    rows = []
    for case in cases:
        for speed in case.speeds:
            own = speed.program == "tieline"
            times = "" if own else times_text(speed.tieline_is_faster)
            difference = "" if own else f"{speed.largest_difference_pu:.0e}"
            rows.append(
                (
                    case.name,
                    speed.program,
                    rate(speed.solves_per_s),
                    times,
                    difference,
                    f"{speed.scenarios:,}",
                )
            )
    headings = (
        "case",
        "program",
        "solves/s",
        "tieline is faster by",
        "largest difference [pu]",
        "scenarios",
    )
    return "## Solves per second\n\n" + table(headings, rows, "llrrrr") + "\n\n" + _left_out(cases)


def _left_out(cases: Sequence[Case]) -> str:
    """Which programs are missing where, the same reason once."""
    where: dict[str, list[str]] = {}
    for case in cases:
        for name, reason in case.left_out.items():
            where.setdefault(f"{name} ({reason.rpartition(': ')[2]})", []).append(case.name)
    if not where:
        return "Every program solved every case."
    return "Left out:\n\n" + "\n".join(
        f"- {who}: {'; '.join(names)}" for who, names in where.items()
    )


def _targets(cases: Sequence[Case]) -> str:
    rows = []
    for target in TARGETS:
        case = next((case for case in cases if case.name == target.case), None)
        speed = case.speed(target.peer) if case else None
        times = speed.tieline_is_faster if speed else None
        shown = times_text(times) if times is not None else "not measured"
        rows.append(
            (
                target.case,
                target.peer,
                shown,
                verdict(times, target.floor),
                verdict(times, target.aim),
            )
        )
    note = "How many times faster than a peer tieline must be (floor) and would like to be (aim)."
    return f"## Floors and aims\n\n{note}\n\n" + table(
        ("case", "peer", "measured", "floor", "aim"), rows, "llrll"
    )


def _limits(cases: Sequence[Case], figure: str) -> str:
    rows = [_limit_row(case, case.load) for case in cases if case.load is not None]
    headings = (
        "case",
        "nodes",
        "iterations",
        "flop per solve",
        "GFLOP/s",
        "cache GB/s",
        "memory GB/s",
    )
    parts = [
        "## What limits each case",
        "Achieved rates, and their share of the peak measured on this machine. The peak of the cache is that of arrays as large "
        "as the workspace of the case.",
        table(headings, rows, "lrrrrrr"),
        f"![Roofline: GFLOP/s over operations per byte of cache traffic]({figure})",
        "\n".join(f"- {case.name}: {limit_sentence(case, cases)}" for case in cases),
    ]
    return "\n\n".join(parts)


def _limit_row(case: Case, load: Load) -> tuple[str, ...]:
    shares = load.shares
    return (
        case.name,
        f"{case.n_nodes:,}",
        f"{case.iterations:.1f}",
        rate(load.flops),
        f"{load.gflops:.1f} ({shares['arithmetic']:.0%})",
        f"{load.cache_gb_s:.0f} ({shares['cache']:.0%})",
        f"{load.memory_gb_s:.1f} ({shares['memory']:.0%})",
    )


def limit_sentence(case: Case, cases: Sequence[Case]) -> str:
    """What keeps a case from being faster: the nearest roof, or none."""
    if case.load is None:
        return _controls_sentence(case, cases)
    name, share = max(case.load.shares.items(), key=lambda item: item[1])
    if share >= NEAR:
        roof = {
            "arithmetic": "multiply-adds",
            "cache": "loads and stores in cache",
            "memory": "memory traffic",
        }[name]
        return f"{roof}, at {share:.0%} of their peak ({case.load.workspace_bytes / 1000:,.0f} kB of workspace per thread)."
    sizes = sorted(case.by_batch)
    size = max((s for s in sizes[:-1] if s <= SOME_SIZE), default=sizes[0])
    part = case.by_batch[size] / case.by_batch[sizes[-1]]
    return (
        f"no roof is near (the nearest, {name}, is used to {share:.0%}): the time goes into latency and overheads. Those of a "
        f"call weigh most on small batches: {_scenarios(size)} at a time run at {part:.0%} of the speed of {sizes[-1]:,}."
    )


def _scenarios(size: int) -> str:
    return "one scenario" if size == 1 else f"{size:,} scenarios"


def _controls_sentence(case: Case, cases: Sequence[Case]) -> str:
    held = next(
        (other for other in cases if other.feeder == case.feeder and other.load is not None), None
    )
    if held is None:
        return "rounds of solving, measuring and acting; its work is not counted."
    slower = held.speeds[0].solves_per_s / case.speeds[0].solves_per_s
    more = case.iterations / held.iterations
    rest = 1 - more / slower
    return (
        f"a scenario takes {times_text(slower)} times as long as at fixed taps and {times_text(more)} times the iterations. "
        + (f"The other {rest:.0%} of the time are" if rest > 0 else "Beside them are")
        + " factors of its own for every scenario, and the rounds of measuring and acting."
    )


def _scaling(cases: Sequence[Case]) -> str:
    threads = sorted({count for case in cases for count in case.by_threads})
    by_threads = [
        (case.name, *(_rate_at(case.by_threads, count) for count in threads)) for case in cases
    ]
    sizes = sorted({size for case in cases for size in case.by_batch if size != case.scenarios})
    by_batch = [
        (
            case.name,
            *(_rate_at(case.by_batch, s) if s != case.scenarios else "" for s in sizes),
            _whole(case),
        )
        for case in cases
    ]
    return "\n\n".join(
        [
            "## Threads and batch size",
            "Solves per second of the whole batch, by number of threads:",
            table(
                ("case", *(f"{count}" for count in threads)), by_threads, "l" + "r" * len(threads)
            ),
            "Solves per second on all threads, by scenarios in a call:",
            table(
                ("case", *(f"{size:,}" for size in sizes), "whole batch"),
                by_batch,
                "l" + "r" * (len(sizes) + 1),
            ),
        ]
    )


def _rate_at(by: dict[int, float], key: int) -> str:
    return rate(by[key]) if key in by else ""


def _whole(case: Case) -> str:
    return f"{rate(case.by_batch[case.scenarios])} ({case.scenarios:,})"


def _cold_start(c: ColdStart) -> str:
    rows = [
        ("Python alone", seconds(c.python_s)),
        ("`tieline --help`", seconds(c.help_s)),
        ("`import tieline`", seconds(c.import_s)),
        ("first solve of a process, functions compiled before", seconds(c.first_solve_s)),
        ("first solve after installation, nothing compiled yet", seconds(c.after_installation_s)),
    ]
    return (
        "## Cold start\n\nWall time of whole processes, Python's own start included.\n\n"
        + table(("process", "time"), rows, "lr")
    )


def _single(cases: Sequence[Case]) -> str:
    found = [(case, case.single) for case in cases if case.single is not None]
    rows = [
        (case.name, error_text(single.stored_pu), error_text(single.iterated_pu))
        for case, single in found
    ]
    return "\n\n".join(
        [
            "## float32",
            "All is computed and returned in float64. Largest errors of a snapshot in single precision:",
            table(
                ("case", "voltages stored in float32 [pu]", "iteration in float32 [pu]"),
                rows,
                "lrr",
            ),
            _storing(max((single.stored_pu for _, single in found), default=0.0), cases),
            _iterating([single.iterated_pu for _, single in found]),
        ]
    )


def _storing(error_pu: float, cases: Sequence[Case]) -> str:
    """Whether float32 is good enough for results, and what it would save."""
    does = "is enough" if error_pu <= LIMIT_CHECK_PU else "is not enough"
    memory = max(
        (case.load.shares["memory"] for case in cases if case.load is not None), default=0.0
    )
    return (
        f"To store voltages for checks of limits, which need {LIMIT_CHECK_PU:g} pu, single precision {does}: it costs at most "
        f"{error_pu:.0e} pu and halves files and memory. A solve gains little from it: its memory traffic is at most "
        f"{memory:.0%} of what the machine can do."
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


def _rules(m: Measurement) -> str:
    low, high = LOAD_RANGE
    return "\n".join(
        [
            "## How it is measured",
            "",
            f"- Programs take turns. In a round each repeats its call until {AT_LEAST_S:g} s of solving have passed; the median "
            f"call counts. Rates are medians over {ROUNDS} rounds, ratios medians of the ratios within a round.",
            f"- Each load is drawn evenly from {low:g} to {high:g} of its nominal power (seed {m.seed}). Slower programs solve "
            "the first scenarios of tieline's batch. Taps and steps are held where the case does not say that regulators act.",
            "- Only solvers are timed. OpenDSS and pandapower are not charged for being told the loads one by one.",
            "- Work is counted from the elimination plan, see `src/tieline/bench/work.py`. Iterations in the table are means "
            f"over scenarios; rates count those that are run, which go on until the slowest of {LANES} side by side rests.",
        ]
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], alignment: str) -> str:
    """A Markdown table; `alignment` is l or r for each column."""
    rule = ["---" if side == "l" else "---:" for side in alignment]
    return "\n".join("| " + " | ".join(row) + " |" for row in (headings, rule, *rows))


def rate(value: float) -> str:
    """Three digits that count, thousands parted."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def times_text(value: float) -> str:
    """A ratio."""
    return rate(value) if value >= 100 else f"{value:.1f}"


def seconds(value: float) -> str:
    """A time with its unit."""
    return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def error_text(value: float) -> str:
    """An error, or that there is no answer."""
    return f"{value:.0e}" if value < NO_ANSWER_PU else "no answer"
