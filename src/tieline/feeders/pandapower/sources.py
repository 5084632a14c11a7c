"""The grid behind a pandapower net: the external grids and generators marked slack of each busbar as one ideal source.

Several sources of one busbar count as one if they hold the same voltage; a generator there changes nothing but the source's own
share.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tieline.feeders.elements import Source
from tieline.feeders.pandapower.busbars import busbars
from tieline.feeders.pandapower.limits import drop_cost, read_source_limits
from tieline.feeders.pandapower.net import ONE, Net, Row, number
from tieline.feeders.pandapower.options import Options
from tieline.units import tidy

LIMITS = ("p_low_limit_kw", "p_high_limit_kw", "q_low_limit_kvar", "q_high_limit_kvar")

Feed = tuple[str, Row]
"""Table and row of something that holds a voltage."""


def read_sources(net: Net, options: Options) -> tuple[Source, ...]:
    """A source for each busbar that is fed."""
    feeds: list[Feed] = [("ext_grid", row) for row in net.rows("ext_grid")]
    feeds += [("gen", row) for row in net.rows("gen") if is_slack(row)]
    if not feeds:
        net.refuse(
            "SOURCE",
            "ext_grid",
            "no external grid or slack generator in service.",
            "Add an ext_grid.",
        )
    busbar_of = busbars(net)
    feeds_of: dict[int, list[Feed]] = {}
    for feed in feeds:
        feeds_of.setdefault(busbar_of[feed[1]["bus"]], []).append(feed)
    generators: list[Feed] = [
        ("gen", row) for row in net.rows("gen") if not is_slack(row)
    ]
    sources = []
    for busbar, at_busbar in feeds_of.items():
        beside = [feed for feed in generators if busbar_of[feed[1]["bus"]] == busbar]
        for _, generator in beside:
            _check_generator(net, generator, at_busbar)
        if _are_one(net, at_busbar):
            sources.append(_source(net, [*at_busbar, *beside], options))
    return tuple(sources)


def is_slack(row: Row) -> bool:
    """Whether a generator is the reference; nets of earlier versions have no such column."""
    return bool(row.get("slack", False))


def _are_one(net: Net, feeds: list[Feed]) -> bool:
    """Whether all feeds of a busbar hold it at one voltage; refused or noted if there are several."""
    if len({_set_point(feed) for feed in feeds}) > 1:
        message = f"{len(feeds)} external grids or slack generators hold one busbar at different voltages."
        net.refuse(
            "SOURCE",
            "ext_grid",
            message,
            "Give them the same vm_pu and va_degree, or keep one.",
        )
        return False
    if len(feeds) > 1:
        names = ", ".join(net.element_name(*feed) for feed in feeds)
        net.warn(
            "SOURCES_JOINED",
            "ext_grid",
            f"{names} hold one busbar at one voltage, so they count as one source.",
        )
    return True


def _set_point(feed: Feed) -> tuple[float, float]:
    table, row = feed
    # a slack generator has no angle of its own and stands at zero
    return number(row, "vm_pu"), number(
        row, "va_degree"
    ) if table == "ext_grid" else 0.0


def _check_generator(net: Net, gen: Row, beside: list[Feed]) -> None:
    """At the source's busbar a generator changes nothing but the source's share, if it holds the same voltage."""
    where = f"gen {net.element_name('gen', gen)}"
    if any(number(row, "vm_pu") != number(gen, "vm_pu") for _, row in beside):
        message = "it sits at the source's bus, but holds another voltage."
        net.refuse(
            "GEN",
            where,
            message,
            "Give it the vm_pu of the source, or make it an sgen.",
        )
    else:
        net.warn(
            "GEN_DROPPED",
            where,
            "it sits at the source's bus, so the source takes its share.",
        )


def _source(net: Net, feeds: list[Feed], options: Options) -> Source:
    """The first feed, with the limits and the cost of all that feed the busbar."""
    table, row = feeds[0]
    angle_deg = (
        number(row, "va_degree")
        if table == "ext_grid" and options.calculate_voltage_angles
        else 0.0
    )
    name = net.element_name(table, row)
    bus = net.bus_names[row["bus"]]
    kv = net.kv(row["bus"])
    return Source(
        name,
        bus,
        ONE,
        kv,
        number(row, "vm_pu"),
        angle_deg,
        **_limits_of_all(net, feeds),
    )


def _limits_of_all(net: Net, feeds: list[Feed]) -> dict[str, Any]:
    """Limits of all feeds together, where each has one; their cost, if it is the same."""
    parts = [read_source_limits(net, *feed) for feed in feeds]
    limits = {
        name: None if None in values else tidy(sum(values))
        for name, values in _by_name(parts, LIMITS)
    }
    ((_, costs),) = _by_name(parts, ("cost_per_kwh",))
    if len(set(costs)) == 1:
        return limits | {"cost_per_kwh": costs[0]}
    drop_cost(
        net,
        *feeds[0],
        "the cost of what feeds its busbar, which is not the same for all,",
    )
    return limits


def _by_name(
    parts: list[dict[str, Any]], names: tuple[str, ...]
) -> Iterator[tuple[str, list[Any]]]:
    """A name with its value in each part, None where there is none."""
    return ((name, [part.get(name) for part in parts]) for name in names)
