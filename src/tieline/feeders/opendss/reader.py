"""`read_opendss`: an OpenDSS master file as a `Feeder`.

OpenDSS compiles the script, without solving it, in a process of its own; the modules beside this one read each class of
elements back there. Nothing is dropped in silence: what does not change the snapshot is a warning (`Feeder.notes`), what does is
an error, all errors together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.loose_conductors import without_loose_conductors
from tieline.feeders.opendss.admittance_ders import read_admittance_ders
from tieline.feeders.opendss.autotransformers import read_autotransformers
from tieline.feeders.opendss.branches import read_branches
from tieline.feeders.opendss.buses import read_buses, settle_bases
from tieline.feeders.opendss.capacitor_controls import read_capacitor_controls
from tieline.feeders.opendss.capacitors import read_capacitors
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.current_sources import read_current_sources
from tieline.feeders.opendss.ders import read_generators, read_pvs, read_storages
from tieline.feeders.opendss.inverters import (
    read_inverter_controls,
    wanted_powers,
)
from tieline.feeders.opendss.left_out_controls import settle_left_out_controls
from tieline.feeders.opendss.leftovers import report_leftovers, report_unused_shapes
from tieline.feeders.opendss.lines import read_lines
from tieline.feeders.opendss.loads import read_loads
from tieline.feeders.opendss.options import check_options
from tieline.feeders.opendss.process import read_in_process
from tieline.feeders.opendss.regulators import read_regulators
from tieline.feeders.opendss.script import blank_engine, compiled, engine_vocabulary
from tieline.feeders.opendss.script.place import Place
from tieline.feeders.opendss.shapes import with_shapes
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
    """
    return read_in_process(Path(path))


def read_in_this_process(
    path: Path, note: Callable[[Place], None] | None = None
) -> Feeder:
    """As `read_opendss`, with the engine in this process, where a crash of it, or what it does by itself, hits the caller.

    `note` is told each line before the engine gets it.
    """
    report = Report()
    with compiled(path, report, note) as engine:
        return feeder_of(engine, origin=f"OpenDSS file {path.name}", report=report)


def prepare() -> None:
    """Load all that reading needs by reading an empty circuit; raises `InputError` without the engine."""
    feeder_of(blank_engine())
    engine_vocabulary().read_all()


def feeder_of(engine: Any, origin: str = "", report: Report | None = None) -> Feeder:
    """The feeder of a circuit that an OpenDSS context holds; raises `FeederError` as `read_opendss` does.

    `report` holds what was left out already and takes what is left out here.
    """
    circuit = DssCircuit(engine)
    report = report or Report()
    # before anything is read: it moves switches, on which bases and nodes depend
    circuit.start_snapshot()
    check_options(circuit, report)
    align_frequency(circuit, report)
    # before any record is read: it makes the engine build the nodes
    base_kv = settle_bases(circuit, report)
    lines = read_lines(circuit, report)
    transformers, winding_neutrals = read_transformers(circuit, report)
    autos, antifloats = read_autotransformers(
        circuit, {unit.name for unit in transformers}, report
    )
    transformers += autos
    loads = read_loads(circuit, report)
    loads += read_admittance_ders(circuit, {load.name for load in loads}, report)
    metered = {f"line.{line.name}" for line in lines} | {
        f"transformer.{unit.name}" for unit in transformers
    }
    capacitors = read_capacitors(circuit, report)
    fixed_shunts = [*winding_neutrals, *antifloats, *capacitors.shunts]
    used_names = {shunt.name for shunt in fixed_shunts}
    branches = read_branches(circuit, used_names, report)
    report_leftovers(circuit, _blank_circuit(), report)
    pvs = read_pvs(circuit, report)
    storages = read_storages(circuit, report)
    inverters = read_inverter_controls(circuit, pvs, storages, report)
    feeder = Feeder(
        name=circuit.name,
        buses=tuple(read_buses(circuit, base_kv, lines, report)),
        sources=tuple(read_sources(circuit, report)),
        lines=tuple(lines),
        transformers=tuple(transformers),
        regulators=tuple(read_regulators(circuit, transformers, report)),
        capacitors=tuple(capacitors.banks),
        capacitor_controls=tuple(
            read_capacitor_controls(circuit, metered, capacitors.banks, report)
        ),
        loads=tuple(loads),
        pvs=tuple(wanted_powers(circuit, pvs, inverters.controls)),
        storages=tuple(storages),
        generators=tuple(read_generators(circuit, report)),
        inverter_controls=tuple(inverters.controls),
        shunts=(*fixed_shunts, *branches),
        current_sources=tuple(read_current_sources(circuit, report)),
        frequency_hz=circuit.frequency_hz,
        # who reads such a file compares with OpenDSS, where loads have a voltage band
        load_model="opendss-band",
        title=circuit.name,
        origin=origin,
    )
    feeder = with_shapes(feeder, circuit, report)
    report_unused_shapes(feeder, circuit, _blank_circuit(), report)
    # without its numbers an element is missing, which is no second fault
    errors = _missing_numbers(circuit) or report.errors
    if errors:
        raise FeederError(feeder.name, errors)
    # last, since it solves with controls and leaves the engine where they end
    settled = settle_left_out_controls(feeder, circuit, inverters.names, report)
    return without_loose_conductors(settled.replace(notes=report.notes))


@cache
def _blank_circuit() -> DssCircuit:
    return DssCircuit(blank_engine())


def _missing_numbers(circuit: DssCircuit) -> list[Finding]:
    remedy = "Give a number; instead of a power factor of 0, give kvar."
    return [
        Finding(
            "OPENDSS.NOT_FINITE",
            "error",
            component,
            f"It has no finite number in {', '.join(names)}.",
            remedy,
        )
        for component, names in circuit.without_number.items()
    ]
