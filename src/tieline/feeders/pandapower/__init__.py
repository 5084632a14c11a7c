"""pandapower nets: `read_pandapower(path or net) -> Feeder`, a single-phase equivalent.

`json_file` opens a file, `net` names its elements, `columns` refuses numbers that are missing or impossible, `options` reads what
overrules pandapower's defaults; the other files turn tables into our elements, MW into kW. Kept exactly: lines with parallel
systems or an open end, transformers with taps, phase shift and their core, loads with voltage-dependent shares (per load;
pandapower's own power flow averages them per bus), wards, limits and costs of static generators and storage. Left out with a
warning: line conductance, open transformers and what has no supply then, controllers, what is out of service. Refused:
whatever else the power flow of the net depends on, such as three-winding transformers and unbalanced loads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.elements import Bus, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.pandapower.columns import check_cells
from tieline.feeders.pandapower.devices import (
    read_loads,
    read_sgens,
    read_shunts,
    read_storages,
)
from tieline.feeders.pandapower.generators import read_generators
from tieline.feeders.pandapower.json_file import REMEDY
from tieline.feeders.pandapower.limits import note_limits, read_voltage_limits
from tieline.feeders.pandapower.lines import read_lines, read_switches
from tieline.feeders.pandapower.net import ONE, Net, Row, open_net, place_of
from tieline.feeders.pandapower.options import Options, read_options
from tieline.feeders.pandapower.sources import read_sources
from tieline.feeders.pandapower.transformers import read_transformers
from tieline.feeders.unsupplied import without_unsupplied

CANNOT_BE_READ = {
    "trafo3w": "Replace it by two-winding transformers.",
    "impedance": "Replace it by a line.",
    "xward": "Replace it by a ward.",
    "motor": "Replace it by a load.",
    "asymmetric_load": "Give the three-phase feeder as an OpenDSS file or as tables.",
    "asymmetric_sgen": "Give the three-phase feeder as an OpenDSS file or as tables.",
    "dcline": "Replace it by a load and an sgen.",
}
"""Tables that change the power flow and have no counterpart here, with the way out."""

CANNOT_BE_READ_EITHER = (
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
"""The same for power electronics and direct current."""


def read_pandapower(source: Path | str | Any) -> Feeder:
    """Read a pandapower net.

    Args:
        source: a `pandapowerNet`, or the path of the `.json` file it was saved to.

    Returns:
        A single-phase equivalent; elements have their own names where those are unique, else "table_index".

    Raises:
        InputError: if the file is missing or no pandapower net.
        FeederError: if the net holds something that cannot be represented; lists all of it.
        MissingExtraError: if pandapower is not installed.
    """
    net = open_net(source)
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
    lines, stops = read_lines(net, options)
    note_limits(net)
    sgens = read_sgens(net)
    return Feeder(
        name=net.name,
        title=f"pandapower net {net.name}",
        origin=f"read from {net.where}",
        buses=(
            *(
                _bus(net, row)
                for row in net.all_rows("bus")
                if row["index"] in net.bus_names
            ),
            *stops,
        ),
        sources=sources,
        lines=(*lines, *read_switches(net, options)),
        transformers=read_transformers(net, options),
        loads=read_loads(net, options),
        storages=read_storages(net),
        shunts=read_shunts(net),
        frequency_hz=float(net.raw.f_hz),
        single_phase_equivalent=True,
        pvs=sgens["pvs"],
        generators=(*sgens["generators"], *read_generators(net, options)),
    )


def _refuse(net: Net) -> None:
    """An error for each table in use that cannot be represented."""
    for table in (*CANNOT_BE_READ, *CANNOT_BE_READ_EITHER):
        count = len(net.rows(table))
        if count:
            net.refuse(
                table.upper(),
                table,
                f"{count} {table} element(s).",
                CANNOT_BE_READ.get(table, "Remove it from the net."),
            )
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
