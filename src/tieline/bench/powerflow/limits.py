"""What limits each case: rates beside the machine's peaks, the roofline, and a sentence for every case."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.markdown import Figure, Section, Table, bullets
from tieline.bench.kit.numbers import rate, times_text
from tieline.bench.powerflow.measurement import Case, MachineUse
from tieline.bench.powerflow.roofline import roofline_svg

NEAR = 0.4
"""Share of a peak that counts as reaching it: a real kernel mixes loads, stores and arithmetic, and reaches no peak."""

SOME_SIZE = 256
"""Batch size whose speed the sentence about overheads names, or the largest below the whole batch."""

ROOFS = {
    "arithmetic": "multiply-adds",
    "cache": "loads and stores in cache",
    "memory": "memory traffic",
}
"""What each of `MachineUse.shares` is called in a sentence."""


def limits_section(cases: Sequence[Case]) -> Section:
    """Achieved rates, the roofline, and what limits each case."""
    rows = [_row(case, case.load) for case in cases if case.load is not None]
    headings = (
        "case",
        "nodes",
        "iterations",
        "flop per solve",
        "GFLOP/s",
        "cache GB/s",
        "memory GB/s",
    )
    caption = "Roofline: GFLOP/s over operations per byte of cache traffic"
    sentences = [f"{case.name}: {limit_sentence(case, cases)}" for case in cases]
    blocks = [
        "Achieved rates, and their share of the peak measured on this machine. The peak of the cache is that of arrays as large "
        "as the workspace of the case.",
        Table(headings, rows, "lrrrrrr"),
        Figure("roofline", roofline_svg(cases), caption),
        bullets(sentences),
    ]
    return Section("What limits each case", blocks)


def _row(case: Case, load: MachineUse) -> tuple[str, ...]:
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
    """What keeps a case from being faster: the nearest roof, overheads where no roof is near, or the controls."""
    load = case.load
    if load is None:
        return _controls_sentence(case, cases)
    name, share = max(load.shares.items(), key=lambda item: item[1])
    if share < NEAR:
        return _overheads_sentence(case, name, share)
    workspace_kb = load.workspace_bytes / 1000
    return f"{ROOFS[name]}, at {share:.0%} of their peak ({workspace_kb:,.0f} kB of workspace per thread)."


def _overheads_sentence(case: Case, nearest: str, share: float) -> str:
    shares = case.growth.shares
    whole = case.growth.whole
    sizes = [size for size in shares if size <= SOME_SIZE and size != whole]
    size = max(sizes, default=min(shares))
    part = shares[size]
    scenarios = "one scenario"
    if size != 1:
        scenarios = f"{size:,} scenarios"
    return (
        f"no roof is near (the nearest, {nearest}, is used to {share:.0%}): the time goes into latency and overheads. Those of a "
        f"call weigh most on small batches: {scenarios} at a time run at {part:.0%} of the speed of {whole:,}."
    )


def _controls_sentence(case: Case, cases: Sequence[Case]) -> str:
    """How much longer a scenario takes than with regulators held, and how much of that is iterations."""
    twins = [
        twin for twin in cases if twin.feeder == case.feeder and twin.load is not None
    ]
    if not twins:
        return "rounds of solving, measuring and acting; its work is not counted."
    fixed = twins[0]
    slower = fixed.speeds[0].solves_per_s / case.speeds[0].solves_per_s
    more = case.iterations / fixed.iterations
    overhead = 1 - more / slower
    begin = "Beside them are"
    if overhead > 0:
        begin = f"The other {overhead:.0%} of the time are"
    return (
        f"a scenario takes {times_text(slower)} times as long as at fixed taps and {times_text(more)} times the iterations. "
        f"{begin} factors of its own for every scenario, and the rounds of measuring and acting."
    )
