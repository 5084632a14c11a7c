"""The parts of a power flow's report."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from tieline.reports.by_bus import texts_by_bus, values_by_bus
from tieline.reports.coloured_lines import line_colours
from tieline.reports.colours import Worst
from tieline.reports.diagram import one_line
from tieline.reports.html import Block, Diagram, Figure, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.reports.voltage_profile import voltage_profile
from tieline.settings.limits import Limits, kind_of
from tieline.studies.power_flow.headline import limit_rows
from tieline.studies.power_flow.telling.tables import PHASES
from tieline.studies.result import Result

NEAR_PU = 0.02
"""Limits this near to the voltages are drawn beside them."""

MOST_SHOWN = 15
"""Rows of the long tables; the run folder has all."""

MOSTLY = 0.5
"""Share of rated lines from which the drawing shows loadings, and not currents."""

LOSS_HEADINGS = {"kind": "in", "share_pct": "share of all losses [%]"}


def broken_limits(result: Result) -> Section:
    """Every limit that is broken, kind by kind, the worst of each first."""
    table = result.tables["violations"]
    if table.empty:
        return Section("Broken limits", [Text("No limit that was judged is broken.")])
    headings = {"excess_pct": "beyond by [% of limit]"}
    blocks = []
    for kind_name, rows in table.groupby("kind", sort=False):
        words = kind_of(str(kind_name)).words
        listing = limit_rows(rows, result).drop(columns="kind")
        caption = f"{words.capitalize()}, worst first."
        blocks.append(
            Table(listing, caption, headings, MOST_SHOWN, "violations.parquet")
        )
    return Section("Broken limits", blocks)


def voltages(result: Result, limits: Limits) -> Section:
    """The diagram by voltage, and the voltage of each phase over the distance."""
    feeder = result.feeder
    side = _worse_side(result, limits)
    column = "v_low_pu" if side == "low" else "v_high_pu"
    limit = limits.lowest_pu if side == "low" else limits.highest_pu
    words = "lowest" if side == "low" else "highest"
    drawing = one_line(
        feeder,
        bus_values=values_by_bus(result.tables["buses"], column),
        tooltips=texts_by_bus(_by_bus(result), _phase_text),
        value_label=f"{words} voltage",
        worst=side,
        limit=limit,
    )
    caption = f"Each bus has the colour of the {words} voltage of its phases; all of them appear under the mouse or finger."
    blocks: list[Block] = [Diagram(drawing, caption), *_profile(result, limits)]
    table = result.tables["buses"].sort_values(column, ascending=side == "low")
    headings = {
        "v_low_pu": "lowest phase [pu]",
        "v_high_pu": "highest phase [pu]",
        "unbalance_pct": "unbalance V2/V1 [%]",
    }
    caption = f"Buses with the {words} voltage first."
    blocks.append(Table(table, caption, headings, MOST_SHOWN, "buses.parquet"))
    return Section("Voltages", blocks)


def _worse_side(result: Result, limits: Limits) -> Worst:
    """Which limit voltages come nearer to, or go farther beyond."""
    low_pu, high_pu = limits.band_pu
    room_below = result.number("v_low_pu") - low_pu
    room_above = high_pu - result.number("v_high_pu")
    return "low" if room_below <= room_above else "high"


def _by_bus(result: Result) -> pd.DataFrame:
    """The phases of each bus in one row: bus, and a text of their voltages."""
    nodes = result.tables["nodes"]
    phases = nodes[nodes["phase"].isin(PHASES)]
    texts = [
        f"phase {phase}: {format_number(v_pu, 'pu')} pu"
        for phase, v_pu in zip(phases["phase"], phases["v_pu"], strict=True)
    ]
    if result.feeder.single_phase_equivalent:
        texts = [text.partition(": ")[2] for text in texts]
    by_bus = phases.assign(text=texts).groupby("bus", sort=False)["text"]
    return by_bus.agg("\n".join).reset_index()


def _phase_text(row: pd.Series) -> str:
    return str(row["text"])


def _profile(result: Result, limits: Limits) -> list[Block]:
    """Voltage over distance, a line for each phase; with several sources no distance is one from the source."""
    feeder = result.feeder
    if len(feeder.sources) > 1:
        return []
    nodes = result.tables["nodes"]
    live = nodes[nodes["phase"].isin(PHASES) & (nodes["v_pu"] > 0)]
    by_phase = live.pivot(index="bus", columns="phase", values="v_pu")
    by_phase.columns = [f"phase {phase}" for phase in by_phase.columns]
    if feeder.single_phase_equivalent:
        by_phase.columns = ["voltage"]
    order = [bus.name for bus in feeder.buses if bus.name in by_phase.index]
    figure = voltage_profile(feeder, by_phase.loc[order], _near_limits(result, limits))
    return [Figure(figure, "Voltage of each bus over its distance from the source.")]


def _near_limits(result: Result, limits: Limits) -> dict[str, float]:
    """A limit far from all voltages would only press the figure flat."""
    named = {"lowest allowed": limits.lowest_pu, "highest allowed": limits.highest_pu}
    bottom = result.number("v_low_pu") - NEAR_PU
    top = result.number("v_high_pu") + NEAR_PU
    return {
        name: value
        for name, value in named.items()
        if value is not None and bottom <= value <= top
    }


def loadings(result: Result, limits: Limits) -> Section:
    """What lines and transformers carry: by loading where ratings are there, else by current."""
    branches = result.tables["branches"]
    is_rated = branches["loading_pct"].notna()
    column, label, unit = "loading_pct", "loading", "%"
    limit = _common_limit(limits)
    # a picture of a few rated branches among grey lines would show nothing
    if is_rated[branches["kind"] == "line"].mean() < MOSTLY:
        column, label, unit, limit = "i_max_a", "current", "A", None
    values = _values(branches, column)
    drawing = one_line(result.feeder, lines=line_colours(values, label, unit, limit))
    caption = f"Each line has the colour of its {label}: the largest of its conductors."
    headings = {
        "from_bus": "from",
        "to_bus": "to",
        "p_from_kw": "power in [kW]",
        "q_from_kvar": "reactive power in [kvar]",
        "loss_kw": "loss [kW]",
        "i_max_a": "largest current [A]",
        "loading_pct": "loading [% of rating]",
    }
    worst_first = branches.sort_values(["loading_pct", "i_max_a"], ascending=False)
    first = "loading" if is_rated.any() else "current"
    columns = ["kind", "name", *headings]
    if not is_rated.any():
        columns.remove("loading_pct")
    table = Table(
        worst_first[columns],
        f"Highest {first} first.",
        headings,
        MOST_SHOWN,
        "branches.parquet",
    )
    return Section("Lines and transformers", [Diagram(drawing, caption), table])


def _common_limit(limits: Limits) -> float | None:
    """The lower of the loading limits: what a drawing of lines and transformers together can show."""
    numbers = [limits.line_pct, limits.transformer_pct]
    return min((number for number in numbers if number is not None), default=None)


def _values(branches: pd.DataFrame, column: str) -> Mapping[tuple[str, str], float]:
    keys = zip(branches["kind"], branches["name"], strict=True)
    return dict(zip(keys, branches[column], strict=True))


def powers(result: Result) -> Section:
    """Where power comes from and goes: totals, by phase, losses by kind."""
    metrics = result.metrics
    rows = {
        "from the source": "source",
        "from current sources": "current_source",
        "from DERs": "generation",
        "to loads": "load",
        "lost in lines and transformers": "loss",
        "to capacitors and shunts": "shunt",
    }
    if not result.feeder.current_sources:
        del rows["from current sources"]
    totals = pd.DataFrame(
        {
            "power": list(rows),
            "p_kw": [metrics[f"{name}_kw"] for name in rows.values()],
            "q_kvar": [metrics[f"{name}_kvar"] for name in rows.values()],
        }
    )
    blocks: list[Block] = [
        Table(
            totals,
            "What comes in and where it goes.",
            {"p_kw": "active [kW]", "q_kvar": "reactive [kvar]"},
        )
    ]
    if not result.feeder.single_phase_equivalent:
        blocks.append(_by_phase(result))
    blocks.append(_losses(result))
    return Section("Powers and losses", blocks)


def _by_phase(result: Result) -> Table:
    phases = result.tables["phases"]
    if not result.feeder.ders:
        phases = phases.drop(columns=["generation_kw", "generation_kvar"])
    headings = {
        "source_a": "current of the source [A]",
        "source_kw": "from the source [kW]",
        "source_kvar": "from the source [kvar]",
        "load_kw": "to loads [kW]",
        "load_kvar": "to loads [kvar]",
        "generation_kw": "from DERs [kW]",
        "generation_kvar": "from DERs [kvar]",
    }
    caption = "By phase: a load between two phases takes from both. Losses have no phase: transformers move power between them."
    return Table(phases, caption, headings)


def _losses(result: Result) -> Table:
    branches = result.tables["branches"]
    losses = branches.groupby("kind", sort=False)[["loss_kw", "loss_kvar"]].sum()
    losses = losses.reset_index()
    total_kw = losses["loss_kw"].sum()
    if total_kw:
        losses["share_pct"] = 100 * losses["loss_kw"] / total_kw
    losses["kind"] = losses["kind"].map("{}s".format)
    return Table(losses, "Losses.", LOSS_HEADINGS)


def controls(result: Result) -> list[Section]:
    """Where regulators, banks and generators that hold a voltage came to rest."""
    captions = {
        "taps": "Taps of regulators.",
        "capacitors": "Capacitor banks.",
        "held_voltages": "Generators that hold a voltage.",
        "inverters": "Inverters on their characteristics.",
    }
    headings = {
        "ratio_pu": "voltage ratio",
        "steps_in": "steps in",
        "steps": "of",
        "switched": "switched by a control",
        "asked_pu": "asked for [pu]",
        "v_pu": "has [pu]",
        "at_limit": "at its limit",
    }
    blocks = [
        Table(result.tables[name], caption, headings, MOST_SHOWN, f"{name}.parquet")
        for name, caption in captions.items()
        if name in result.tables
    ]
    if not blocks:
        return []
    return [Section("Controls", blocks)]


def assumed(result: Result) -> Section:
    """What was judged where, and what a power flow leaves out."""
    texts = [
        "Voltages are judged at every node, between phases on a section without connection to ground; loading is by current.",
        "One moment: loads and DERs as the feeder states them. Left out: how they change over time, harmonics, protection.",
    ]
    origin = result.feeder.origin
    if origin:
        texts.append(f"Figures of the feeder: {origin}.")
    return Section("What was assumed", [Text(text) for text in texts])
