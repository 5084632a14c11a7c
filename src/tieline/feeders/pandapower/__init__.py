"""pandapower nets: `read_pandapower(path or net) -> Feeder`, a single-phase equivalent, or with phases where the net has
unbalance and the data for it (`phases`).

`json_file` opens a file, `net` names its elements, `columns` refuses numbers that are missing or impossible, `options` reads what
overrules pandapower's defaults; the other files turn tables into our elements, MW into kW. Kept exactly: lines with parallel
systems or an open end, transformers of two and three windings with taps, phase shift and their core, loads with
voltage-dependent shares (per load; pandapower's own power flow averages them per bus), motors, impedances, wards, generators and
lines of direct current, limits and costs of static generators and storage. Left out with a warning: controllers, and what is
out of service. Refused: power electronics, and whatever else the power flow of the net depends on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.elements import Bus, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.pandapower.asymmetric import (
    read_asymmetric_loads,
    read_asymmetric_sgens,
)
from tieline.feeders.pandapower.columns import check_cells
from tieline.feeders.pandapower.devices import (
    read_loads,
    read_sgens,
    read_shunts,
    read_storages,
)
from tieline.feeders.pandapower.generators import read_generators
from tieline.feeders.pandapower.impedances import read_impedances
from tieline.feeders.pandapower.json_file import REMEDY
from tieline.feeders.pandapower.limits import note_limits, read_voltage_limits
from tieline.feeders.pandapower.lines import read_lines, read_switches
from tieline.feeders.pandapower.net import ONE, Net, Row, open_net, place_of
from tieline.feeders.pandapower.options import Options, read_options
from tieline.feeders.pandapower.phases import reads_phases, with_phases
from tieline.feeders.pandapower.sources import read_sources
from tieline.feeders.pandapower.three_windings import read_three_windings
from tieline.feeders.pandapower.transformers import read_transformers
from tieline.feeders.pandapower.xwards import read_xwards
from tieline.feeders.unsupplied import without_unsupplied

CANNOT_BE_READ = (
    "svc",
    "ssc",
    "tcsc",
    "vsc",
    "vsc_stacked",
    "vsc_bipolar",
    "line_dc",
    "load_dc",
    "source_dc",
)
"""Tables of power electronics and direct current, which change the power flow and have no counterpart here."""


def read_pandapower(source: Path | str | Any, origin: str = "") -> Feeder:
    """Read a pandapower net.

    Args:
        source: a `pandapowerNet`, or the path of the `.json` file it was saved to.
        origin: by what name a net was asked for, such as "simbench:1-LV-rural1--0-sw"; the feeder is named after it.

    Returns:
        A single-phase equivalent; elements have their own names where those are unique, else "table_index".

    Raises:
        InputError: if the file is missing or no pandapower net.
        FeederError: if the net holds something that cannot be represented; lists all of it.
        MissingExtraError: if pandapower is not installed.
    """
    net = open_net(source, origin)
    try:
        feeder = _checked_feeder(net)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        # what the checks found says more than what a reader stopped on
        _stop_on_errors(net)
        reason = f"a column is missing, or a cell holds what it never holds ({type(error).__name__}: {str(error)[:80]})"
        raise InputError(
            f"pandapower net '{net.where}' cannot be read: {reason}. {REMEDY}"
        ) from error
    # last, because tables of the net warn when they are first looked at
    return without_unsupplied(feeder.replace(notes=tuple(net.warnings)))


def _checked_feeder(net: Net) -> Feeder:
    # these collect, so that all that is wrong comes in one message
    _refuse(net)
    check_cells(net)
    options = read_options(net)
    sources = read_sources(net, options)
    _stop_on_errors(net)
    # readers trust the cells by now, and find what only they can see
    feeder = _read(net, options, sources)
    _stop_on_errors(net)
    return feeder


def _stop_on_errors(net: Net) -> None:
    if net.errors:
        raise FeederError(net.name, net.errors)


def _read(net: Net, options: Options, sources: tuple[Source, ...]) -> Feeder:
    """The feeder of a net whose cells are sound; what is wrong beyond them and what there is to say stands in the net."""
    has_phases = reads_phases(net)
    lines = read_lines(net, options)
    note_limits(net)
    sgens = read_sgens(net)
    transformers, idle = read_transformers(net, options)
    legs = read_three_windings(net, options)
    impedances = read_impedances(net)
    xwards = read_xwards(net)
    feeder = Feeder(
        name=net.name,
        title=f"pandapower net {net.name}",
        origin=f"read from {net.where}",
        buses=(*_buses(net), *lines.stops, *legs.buses, *xwards.buses),
        sources=sources,
        lines=(
            *lines.lines,
            *read_switches(net, options),
            *impedances.lines,
            *xwards.lines,
        ),
        transformers=(*transformers, *legs.transformers, *impedances.transformers),
        loads=read_loads(net, options),
        storages=read_storages(net),
        shunts=(
            *read_shunts(net),
            *lines.leaks,
            *idle,
            *legs.shunts,
            *impedances.shunts,
        ),
        frequency_hz=float(net.raw.f_hz),
        single_phase_equivalent=True,
        pvs=sgens["pvs"],
        generators=(
            *sgens["generators"],
            *read_generators(net, options),
            *xwards.generators,
        ),
    )
    if has_phases:
        feeder = with_phases(net, feeder)
    # last, because they bring their phases along
    loads = read_asymmetric_loads(net, has_phases)
    sgens_by_phase = read_asymmetric_sgens(net, has_phases)
    return feeder.replace(
        loads=(*feeder.loads, *loads),
        generators=(*feeder.generators, *sgens_by_phase),
    )


def _buses(net: Net) -> Iterator[Bus]:
    for row in net.all_rows("bus"):
        if row["index"] in net.bus_names:
            yield _bus(net, row)


def _refuse(net: Net) -> None:
    """An error for each table in use that cannot be represented."""
    for table in CANNOT_BE_READ:
        count = len(net.rows(table))
        if count:
            message = f"{count} {table} element(s)."
            net.refuse(table.upper(), table, message, "Remove it from the net.")
    controllers = len(net.rows("controller"))
    if controllers:
        net.warn(
            "CONTROLLER_DROPPED",
            "controller",
            f"{controllers} controller(s) do not act; taps and set points stay as they are.",
        )


def _bus(net: Net, row: Row) -> Bus:
    index = row["index"]
    name = net.bus_names[index]
    x, y = place_of(net.raw, index)
    limits = read_voltage_limits(row)
    return Bus(name, ONE, net.kv(index), x, y, **limits)
