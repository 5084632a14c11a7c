"""pandapower nets: `read_pandapower(path or net) -> Feeder`, a single-phase equivalent.

`net` opens the net and names its elements; `branches` and `devices` turn its tables into our elements, MW into kW. Kept exactly:
lines with parallel systems or an open end, transformers with taps, phase shift and the T model of their core, loads with
voltage-dependent shares (per load; pandapower's own power flow averages them per bus), wards. Left out with a warning: line
conductance, open transformers, controllers, what is out of service. Refused: whatever else the power flow of the net depends on,
such as generators that hold a voltage, three-winding transformers and unbalanced loads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.feeders.elements import Bus, Source
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.pandapower.branches import read_lines, read_switches, read_transformers
from tieline.feeders.pandapower.devices import read_loads, read_sgens, read_shunts, read_storages
from tieline.feeders.pandapower.net import ONE, Net, open_net, place_of

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

CANNOT_BE_READ_EITHER = ("svc", "ssc", "tcsc", "vsc", "vsc_stacked", "vsc_bipolar", "line_dc", "load_dc", "source_dc")
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
    _refuse(net)
    sources = _sources(net)
    (lines, stops), switches, (transformers, core_shunts) = read_lines(net), read_switches(net), read_transformers(net)
    parts = {
        "loads": read_loads(net),
        "storages": read_storages(net),
        "shunts": (*read_shunts(net), *core_shunts),
        **read_sgens(net),
    }
    buses = (*(_bus(net, index) for index in net.bus_names), *stops)
    if net.errors:
        raise FeederError(net.name, net.errors)
    return Feeder(
        name=net.name,
        title=f"pandapower net {net.name}",
        origin=f"read from {net.where}",
        buses=buses,
        sources=sources,
        lines=(*lines, *switches),
        transformers=transformers,
        frequency_hz=float(net.raw.f_hz),
        single_phase_equivalent=True,
        notes=tuple(net.warnings),
        **parts,
    )


def _refuse(net: Net) -> None:
    """An error for each table in use that cannot be represented."""
    for table in (*CANNOT_BE_READ, *CANNOT_BE_READ_EITHER):
        count = len(net.rows(table))
        if count:
            net.refuse(table.upper(), table, f"{count} {table} element(s).", CANNOT_BE_READ.get(table, "Remove it from the net."))
    controllers = len(net.rows("controller"))
    if controllers:
        net.warn(
            "CONTROLLER_DROPPED", "controller", f"{controllers} controller(s) do not act; taps and set points stay as they are."
        )


def _sources(net: Net) -> tuple[Source, ...]:
    """The one external grid, or the one generator marked slack, as an ideal source."""
    grids = [("ext_grid", row, float(row.get("va_degree") or 0.0)) for row in net.rows("ext_grid")]
    grids += [("gen", row, 0.0) for row in net.rows("gen") if row["slack"]]
    if len(grids) != 1:
        net.refuse("SOURCE", "ext_grid", f"{len(grids)} external grids or slack generators in service.", "Keep exactly one.")
        return ()
    table, row, angle_deg = grids[0]
    for gen in net.rows("gen"):
        if gen["index"] != row["index"] or table == "ext_grid":
            _check_generator(net, gen, row["bus"])
    bus = net.bus_names[row["bus"]]
    return (Source(net.element_name(table, row), bus, ONE, net.kv(row["bus"]), float(row["vm_pu"]), angle_deg),)


def _check_generator(net: Net, gen: dict[str, Any], source_bus: int) -> None:
    """Beside the source a generator changes nothing but the source's own share; anywhere else it holds a voltage."""
    name = net.element_name("gen", gen)
    if gen["bus"] == source_bus:
        net.warn("GEN_DROPPED", f"gen {name}", "it sits at the source's bus, so the source takes its share.")
    else:
        net.refuse("GEN", f"gen {name}", "it holds its voltage, which cannot be modelled.", "Make it an sgen with its P and Q.")


def _bus(net: Net, index: int) -> Bus:
    x, y = place_of(net.raw, index)
    return Bus(net.bus_names[index], ONE, net.kv(index), x, y)
