"""OpenDSS as the judge of what the reader made of a file: the same script, solved by both."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import opendssdirect
import pytest

from tieline.errors import NotConvergedError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.opendss import EnginePrimitive, engine_yprim
from tieline.feeders.opendss.buses import settle_bases
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.primitives import LINE_GUARD_S
from tieline.feeders.opendss.script import compiled
from tieline.network import Network
from tieline.network.admittance import (
    Primitive,
    capacitor_primitive,
    line_primitive,
    shunt_primitive,
    source_primitive,
    transformer_primitive,
)
from tieline.powerflow import Solution, solve
from tieline.typing import ComplexArray, FloatArray

ByNode = dict[tuple[tuple[str, int], tuple[str, int]], complex]

TIGHT = "set tolerance=1e-11 maxiterations=3000 maxcontroliter=200"


def solved_by_engine(path: Path, controls: str = "off") -> Any:
    """An engine context with the snapshot of a script solved."""
    dss = opendssdirect.dss
    folder = os.getcwd()
    engine = dss.NewContext()
    try:
        engine.Text.Command(f'compile "{path}"')
        engine.Text.Command("set mode=snapshot")
        engine.Text.Command(
            f"{TIGHT} controlmode={'off' if controls == 'off' else 'static'}"
        )
        engine.Solution.Solve()
    finally:
        os.chdir(folder)
    return engine


def node_voltages(engine: Any) -> dict[str, complex]:
    """Voltage of every node [V]."""
    parts = np.array(engine.Circuit.AllBusVolts())
    return dict(
        zip(
            map(str.lower, engine.Circuit.AllNodeNames()),
            parts[0::2] + 1j * parts[1::2],
            strict=True,
        )
    )


def voltage_source_kva(engine: Any) -> complex:
    """What sources of voltage deliver; `TotalPower` has in it what current sources give at their first terminal."""
    total = 0j
    for name in engine.Vsources.AllNames():
        engine.Circuit.SetActiveElement(f"vsource.{name}")
        powers = np.array(engine.CktElement.Powers()).view(complex)
        total -= powers[: len(powers) // 2].sum()
    return complex(total)


def assert_same_answer(script: str, folder: Path, controls: str = "off") -> Solution:
    """Our solution of a script; the engine has the same voltages (1e-6 pu) and source power (1e-4 of its size).

    Args:
        script: OpenDSS commands.
        folder: where the script may be written.
        controls: "off" or "feeder", as in `solve`.
    """
    path = folder / "master.dss"
    path.write_text(script)
    network = Network.from_feeder(load_feeder(path))
    solution = solve(
        network,
        controls="off" if controls == "off" else "feeder",
        tolerance=1e-11,
        max_iterations=500,
    )
    engine = solved_by_engine(path, controls)
    assert worst_difference_pu(solution, node_voltages(engine)).max() < 1e-6
    source = voltage_source_kva(engine)
    assert solution.source_kva[0] == pytest.approx(source, rel=1e-4, abs=1e-3)
    return solution


def hunts(script: str, folder: Path) -> bool:
    """Whether the controls of a script come to no rest in the engine; ours then must not either."""
    exceptions = pytest.importorskip("opendssdirect")
    path = folder / "master.dss"
    path.write_text(script)
    try:
        solved_by_engine(path, "feeder")
    except exceptions.DSSException as error:
        if "Max Control Iterations" not in str(error):
            raise
    else:
        return False
    with pytest.raises(NotConvergedError, match="hunting"):
        solve(Network.from_feeder(load_feeder(path)))
    return True


def worst_difference_pu(
    solution: Solution, expected_v: dict[str, complex]
) -> FloatArray:
    """Difference of every node's voltage to the expected one [pu]."""
    network = solution.network
    base_v = network.node_kv * 1e3
    expected = np.array([expected_v[name] for name in network.node_names])
    return np.abs(solution.v_pu[0] * base_v - expected) / base_v


def assert_admittances_agree(feeder: Feeder, path: Path) -> None:
    """Compare the primitive matrix of every element with the engine's, node by node."""
    with compiled(path) as engine:
        settle_bases(DssCircuit(engine), Report())
        engines = {
            name: engine_by_node(primitive)
            for name, primitive in engine_yprim(engine).items()
        }
    compared = set()
    for kind, name, ours in implied_by_node(feeder):
        match = f"{kind}.{name}" if f"{kind}.{name}" in engines else f"reactor.{name}"
        compared.add(match)
        assert_same(match, ours, engines[match])
    open_lines = {f"line.{line.name}" for line in feeder.lines if not line.closed}
    assert compared == set(engines) - open_lines


def implied_by_node(feeder: Feeder) -> Iterator[tuple[str, str, ByNode]]:
    """(kind, name, matrix) of each element that conducts; reactors are among the lines and shunts."""
    for line in feeder.lines:
        if line.closed:
            yield (
                "line",
                line.name,
                by_node(line_primitive(line, feeder.frequency_hz, 0), [1.0]),
            )
    for unit in feeder.transformers:
        state = [1.0, *(1 / winding.tap for winding in unit.windings)]
        yield "transformer", unit.name, by_node(transformer_primitive(unit, 1), state)
    for bank in feeder.capacitors:
        yield (
            "capacitor",
            bank.name,
            by_node(capacitor_primitive(bank, 1), [1.0, bank.steps_on / bank.steps]),
        )
    for shunt in feeder.shunts:
        yield "reactor", shunt.name, by_node(shunt_primitive(shunt), [1.0])
    yield "vsource", feeder.source.name, by_node(source_primitive(feeder.source), [1.0])


def by_node(primitive: Primitive, state: list[float]) -> ByNode:
    return folded(
        [(conductor.bus, conductor.node) for conductor in primitive.conductors],
        primitive.matrix_s(state),
    )


def engine_by_node(primitive: EnginePrimitive) -> ByNode:
    keys = [
        (bus, node)
        for bus, nodes in zip(primitive.buses, primitive.nodes, strict=True)
        for node in nodes
    ]
    return folded(keys, primitive.matrix_s)


def folded(keys: list[tuple[str, int]], matrix: ComplexArray) -> ByNode:
    """Sum of the entries between each pair of nodes, without ground."""
    sums: ByNode = {}
    for i, j in np.ndindex(matrix.shape):
        if keys[i][1] and keys[j][1]:
            sums[keys[i], keys[j]] = sums.get((keys[i], keys[j]), 0j) + complex(
                matrix[i, j]
            )
    return sums


def assert_same(name: str, ours: ByNode, engines: ByNode) -> None:
    largest = max(abs(value) for value in engines.values())
    guard = 1.1 * LINE_GUARD_S if name.startswith("line.") else 0.0
    for pair in ours.keys() | engines.keys():
        assert (
            abs(ours.get(pair, 0j) - engines.get(pair, 0j)) <= 1e-8 * largest + guard
        ), f"{name} between {pair}"


def assert_network_agrees(script: str, folder: Path, relative: float = 1e-9) -> None:
    """The sum of all primitive matrices is the engine's, node by node: for elements that are several in a feeder."""
    path = folder / "master.dss"
    path.write_text(script)
    feeder = load_feeder(path)
    with compiled(path) as engine:
        settle_bases(DssCircuit(engine), Report())
        engines = total(engine_by_node(p) for p in engine_yprim(engine).values())
    ours = total(matrix for _, _, matrix in implied_by_node(feeder))
    # each line adds its guard to the diagonal
    guard = 1.1 * LINE_GUARD_S * len(feeder.lines)
    for pair in ours.keys() | engines.keys():
        size = abs(engines.get(pair, 0j)) + max(
            abs(engines.get((end, end), 0j)) for end in pair
        )
        error = abs(ours.get(pair, 0j) - engines.get(pair, 0j))
        assert error <= relative * size + guard, pair


def total(matrices: Iterable[ByNode]) -> ByNode:
    """Sum of matrices by node."""
    sums: ByNode = {}
    for matrix in matrices:
        for pair, value in matrix.items():
            sums[pair] = sums.get(pair, 0j) + value
    return sums
