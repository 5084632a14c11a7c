"""`read_opendss`: an OpenDSS master file as a `Feeder`.

OpenDSS compiles the script, without solving it, in a context of its own; the modules beside this one read each class of
elements back. Nothing is dropped in silence: what does not change the snapshot is a warning (`Feeder.notes`), what does is
an error, all errors together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss.buses import read_buses, settle_bases
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.controls import read_capacitor_controls, read_regulators
from tieline.feeders.opendss.ders import read_generators, read_pvs, read_storages
from tieline.feeders.opendss.left_out_controls import note_left_out_controls
from tieline.feeders.opendss.leftovers import report_leftovers
from tieline.feeders.opendss.lines import read_lines
from tieline.feeders.opendss.loads import read_loads
from tieline.feeders.opendss.options import check_options, option
from tieline.feeders.opendss.script import blank_engine, compiled
from tieline.feeders.opendss.shunts import read_capacitors, read_shunt_reactors
from tieline.feeders.opendss.sources import align_frequency, read_sources
from tieline.feeders.opendss.transformers import read_transformers


def read_opendss(path: Path | str) -> Feeder:
    """Read an OpenDSS circuit.

    Args:
        path: the master file, the one with `New Circuit`. Files it redirects to are found beside it.

    Returns:
        The feeder in the state in which a snapshot of the file starts: switches where their controls hold them, taps and
        capacitor steps before any control acts.

    Raises:
        InputError: a file is missing, or OpenDSS rejects a line; names file and line.
        FeederError: the circuit holds something that tieline cannot represent; has every finding.
        MissingExtraError: opendssdirect.py is not installed.
    """
    with compiled(Path(path)) as engine:
        return feeder_of(engine, origin=f"OpenDSS file {Path(path).name}")


def feeder_of(engine: Any, origin: str = "") -> Feeder:
    """The feeder of a circuit that an OpenDSS context holds; raises `FeederError` as `read_opendss` does."""
    circuit, report = DssCircuit(engine), Report()
    mode = option(engine, "mode")
    circuit.start_snapshot()
    check_options(circuit, report, mode)
    align_frequency(circuit, report)
    base_kv = settle_bases(circuit, report)
    lines = read_lines(circuit, report)
    transformers, winding_neutrals = read_transformers(circuit, report)
    loads, load_neutrals = read_loads(circuit, report)
    metered = {f"line.{line.name}" for line in lines} | {f"transformer.{unit.name}" for unit in transformers}
    report_leftovers(circuit, DssCircuit(blank_engine()), report)
    feeder = Feeder(
        name=circuit.name,
        buses=tuple(read_buses(circuit, base_kv, lines, report)),
        sources=tuple(read_sources(circuit, report)),
        lines=tuple(lines),
        transformers=tuple(transformers),
        regulators=tuple(read_regulators(circuit, transformers, report)),
        capacitors=tuple(read_capacitors(circuit, report)),
        capacitor_controls=tuple(read_capacitor_controls(circuit, metered, report)),
        loads=tuple(loads),
        pvs=tuple(read_pvs(circuit, report)),
        storages=tuple(read_storages(circuit, report)),
        generators=tuple(read_generators(circuit, report)),
        shunts=(*winding_neutrals, *load_neutrals, *read_shunt_reactors(circuit, report)),
        frequency_hz=circuit.frequency_hz,
        load_model="opendss-band",
        title=circuit.name,
        origin=origin,
    )
    if report.errors:
        raise FeederError(feeder.name, report.errors)
    note_left_out_controls(circuit, report)
    return feeder.replace(notes=report.warnings)
