"""`Network`: what a solver needs of a feeder, as arrays in per unit, and the maps between names and indices.

The admittance is kept as a list of entries (terminal row, node column, value, two states): the sum of the rows of the
terminals at a node gives the nodal admittance matrix, the rows themselves give the currents into each branch. One list serves
both, for any taps, line positions and capacitor steps. Bases: `S_BASE_KVA` and the line-to-neutral voltage of the bus
(line-to-line in a single-phase equivalent, whose one node carries the power of three phases).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from tieline.counted import counted, counted_list
from tieline.errors import InputError, unknown_name_message
from tieline.feeders.feeder import Feeder
from tieline.feeders.load import load_feeder
from tieline.feeders.problems import require_sound
from tieline.feeders.smallest import smallest_impedance_pu
from tieline.network import matrices
from tieline.network.admittance import is_ideal
from tieline.network.assembly import (
    ElementKind,
    Entries,
    Terminals,
    assemble,
    base_current_a,
    base_ohm_at,
    make_primitives,
    node_base_kv,
    source_currents,
)
from tieline.network.capacitor_controls import (
    CapacitorControlTable,
    capacitor_control_table,
)
from tieline.network.current_sources import driven_currents_pu
from tieline.network.devices import DeviceTable, device_table
from tieline.network.ratings import Ratings, make_ratings
from tieline.network.regulators import RegulatorTable, regulator_table
from tieline.network.states import StateLayout
from tieline.network.voltage_holders import VoltageHolders, voltage_holders
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

if TYPE_CHECKING:
    from tieline import Solver


@dataclass(frozen=True, eq=False)
class Network:
    """Arrays of one feeder.

    Attributes:
        feeder: where the network comes from.
        node_names: "bus.number" of each node, in the order of every node axis.
        node_kv: voltage base of each node [kV].
        elements: (kind, name) of every element with terminals.
        terminals: their ungrounded conductors.
        entries: admittance entries [pu].
        states: layout of the state vector.
        devices: loads and DERs.
        regulators: tap ranges and metering points.
        capacitor_controls: settings and metering points.
        source_nodes: nodes of the source.
        source_by_node: current injected at each node for one per unit at each node of the source, (node, source node) [pu]; for
            an ideal source the voltage itself.
        source_is_ideal: the source holds its nodes' voltage.
        driven_pu: current that current sources drive into each node, (node,) [pu].
    """

    feeder: Feeder
    node_names: tuple[str, ...]
    node_kv: FloatArray
    elements: tuple[tuple[ElementKind, str], ...]
    terminals: Terminals
    entries: Entries
    states: StateLayout
    devices: DeviceTable
    regulators: RegulatorTable
    capacitor_controls: CapacitorControlTable
    source_nodes: IntArray
    source_by_node: ComplexArray
    source_is_ideal: bool
    driven_pu: ComplexArray

    @classmethod
    def from_feeder(cls, feeder: Feeder) -> Network:
        """Arrays of a feeder, which is checked first; one that `load_feeder` gave has been checked already.

        Args:
            feeder: from `load_feeder`, from there and changed, or built in Python.

        Returns:
            The network; what looks odd about its feeder stands in `network.feeder.notes`.

        Raises:
            FeederError: with everything that is wrong about the feeder, if anything is.
            InputError: if it is no `Feeder`.
        """
        feeder = require_sound(feeder)
        node_keys = [(bus.name, phase) for bus in feeder.buses for phase in bus.phases]
        node_index = {key: k for k, key in enumerate(node_keys)}
        kv_lls = [feeder.bus(bus).kv_ll for bus, _ in node_keys]
        node_kv = np.array([node_base_kv(feeder, kv_ll) for kv_ll in kv_lls])
        states = StateLayout(feeder)
        elements, primitives = zip(*make_primitives(feeder, states), strict=True)
        terminals, entries = assemble(primitives, node_index, node_kv)
        index = {element: k for k, element in enumerate(elements)}

        def terminals_of(element: tuple[str, str], side: int) -> IntArray:
            is_of_element = terminals.element == index[element]
            return np.flatnonzero(is_of_element & (terminals.side == side))

        source_nodes = np.array(
            [
                node_index[source.bus, node]
                for source in feeder.sources
                for node in source.nodes
            ],
            dtype=np.int64,
        )
        return cls(
            feeder=feeder,
            node_names=tuple(f"{bus}.{phase}" for bus, phase in node_keys),
            node_kv=node_kv,
            elements=elements,
            terminals=terminals,
            entries=entries,
            states=states,
            devices=device_table(feeder, node_index, node_kv),
            regulators=regulator_table(feeder, node_index, terminals_of),
            capacitor_controls=capacitor_control_table(
                feeder, node_index, terminals.node, terminals_of
            ),
            source_nodes=source_nodes,
            source_by_node=source_currents(feeder, source_nodes, node_kv),
            source_is_ideal=is_ideal(feeder.sources[0]),
            driven_pu=driven_currents_pu(
                feeder, node_index, base_current_a(feeder, node_kv)
            ),
        )

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        kinds = Counter(kind for kind, _ in self.elements)
        devices = {
            "load": self.devices.n_loads,
            "DER": len(self.feeder.ders),
            "regulator": len(self.feeder.regulators),
            "capacitor control": len(self.feeder.capacitor_controls),
        }
        bases = sorted({f"{kv:.4g}" for kv in self.node_kv}, key=float)
        lines = [
            f"Network of feeder '{self.feeder.name}'",
            f"{counted(self.n_nodes, 'node')}, {counted_list(kinds)}",
            counted_list(devices),
            f"voltage bases {', '.join(bases)} kV",
        ]
        return "\n  ".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        """The same in a notebook."""
        return f"<pre>{escape(repr(self))}</pre>"

    def solver(self, **options: Any) -> Solver:
        """Its power flow for many calls of few scenarios: a `tieline.Solver`, which says what `options` there are."""
        # not at the top: a network knows nothing of power flows, and asks whoever shows both
        import tieline

        return tieline.Solver(self, **options)

    @cached_property
    def source_current(self) -> ComplexArray:
        """The same for one per unit at all nodes of the source, (node,) [pu]."""
        return self.source_by_node.sum(axis=1)

    @cached_property
    def driven_nodes(self) -> IntArray:
        """Nodes that sources of voltage or current drive a current into, (driven node,): first those of the source."""
        driven = np.flatnonzero(self.driven_pu)
        beside_source = driven[~np.isin(driven, self.source_nodes)]
        return np.concatenate([self.source_nodes, beside_source])

    @cached_property
    def drive_by_part(self) -> ComplexArray:
        """Current into each of `driven_nodes` (or an ideal source's voltage) by what `drive_parts` gives, (driven node, part)
        [pu]: that of current sources, if there are any, then that for one per unit of the real parts of the source's voltages,
        and of the imaginary ones.
        """
        nodes = self.driven_nodes
        of_real_part = self.source_by_node[nodes]
        parts = [of_real_part, 1j * of_real_part]
        if self._has_current_sources:
            parts = [self.free_driven_pu[nodes, None], *parts]
        return np.hstack(parts)

    @cached_property
    def _has_current_sources(self) -> bool:
        return bool(self.driven_pu.any())

    @cached_property
    def free_driven_pu(self) -> ComplexArray:
        """`driven_pu` but for the nodes that an ideal source holds: what is driven in there it takes, at its own voltage."""
        free = self.driven_pu.copy()
        free[self.held_nodes] = 0.0
        return free

    def drive_parts(self, source_pu: FloatArray) -> FloatArray:
        """What drives `driven_nodes` at voltages of the source, their real parts or these and then the imaginary ones,
        (scenario or 1, part) [pu]: the same behind a one for the current sources, which nothing scales, if there are any.
        """
        if not self._has_current_sources:
            return source_pu
        constant = np.ones((len(source_pu), 1))
        return np.hstack([constant, source_pu])

    def drive(self, source_pu: FloatArray | ComplexArray) -> ComplexArray:
        """Current that sources of voltage and current drive into each node (or an ideal source's voltage), (node,) [pu].

        Args:
            source_pu: voltage of each node of the source, (source node,) [pu].
        """
        return self.source_by_node @ source_pu + self.free_driven_pu

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_names)

    @cached_property
    def node_index(self) -> dict[str, int]:
        """Index of each node by its name "bus.number"."""
        return {name: k for k, name in enumerate(self.node_names)}

    @property
    def held_nodes(self) -> IntArray:
        """Nodes whose voltage an ideal source holds, (held node,); none at a source behind an impedance."""
        return self.source_nodes if self.source_is_ideal else self.source_nodes[:0]

    @cached_property
    def smallest_ohm(self) -> FloatArray:
        """Series impedance at each node below which one is raised to it, (node,) [ohm]; see `feeders.smallest`."""
        return smallest_impedance_pu(self.feeder) * base_ohm_at(self.node_kv)

    @cached_property
    def voltage_holders(self) -> VoltageHolders:
        """Generators that hold a voltage by their reactive power."""
        return voltage_holders(self.feeder, self.devices)

    @cached_property
    def node_bus(self) -> IntArray:
        """Index into `feeder.buses` of each node, (node,)."""
        counts = [len(bus.phases) for bus in self.feeder.buses]
        return np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def three_phase_nodes(self) -> tuple[IntArray, IntArray]:
        """Buses with three phases, indices into `feeder.buses`, (bus,), and their nodes of each phase, (3, bus)."""
        buses = self.feeder.buses
        full = [k for k, bus in enumerate(buses) if {1, 2, 3} <= set(bus.phases)]
        nodes = [
            [self.node_index[f"{buses[k].name}.{phase}"] for k in full]
            for phase in (1, 2, 3)
        ]
        return np.array(full, dtype=np.int64), np.array(nodes, dtype=np.int64)

    @cached_property
    def node_base_a(self) -> FloatArray:
        """Current of one per unit at each node, (node,) [A]; the current of one phase in a single-phase equivalent."""
        return base_current_a(self.feeder, self.node_kv)

    @cached_property
    def node_number(self) -> IntArray:
        """Number of each node on its bus, 1 to 3 for phases, (node,)."""
        return np.array(
            [phase for bus in self.feeder.buses for phase in bus.phases], dtype=np.int64
        )

    @cached_property
    def ratings(self) -> Ratings:
        """What lines and transformers may carry."""
        return make_ratings(self)

    @cached_property
    def element_index(self) -> dict[tuple[str, str], int]:
        """Index into `elements` by (kind, name)."""
        return {element: k for k, element in enumerate(self.elements)}

    def is_kind(self, *kinds: ElementKind) -> BoolArray:
        """Which terminal conductors belong to elements of these kinds, (terminal,); to be read only."""
        return matrices.is_kind(self, kinds)

    @cached_property
    def first_ends(self) -> IntArray:
        """First-end conductors of every line and transformer, indices into `terminals`: the axis of branch flows."""
        is_branch = self.is_kind("line", "transformer")
        return np.flatnonzero(is_branch & (self.terminals.side == 1))

    def nodes(self, *names: str) -> IntArray:
        """Indices of nodes by name; raises `InputError` for an unknown one."""
        unknown = [name for name in names if name.lower() not in self.node_index]
        if unknown:
            where = f"of feeder '{self.feeder.name}'"
            raise InputError(
                unknown_name_message("node", unknown[0], self.node_index, where)
            )
        return np.array(
            [self.node_index[name.lower()] for name in names], dtype=np.int64
        )

    def terminal_admittance(self, state: FloatArray) -> sparse.csr_array:
        """Currents into all terminal conductors per node voltage at one state vector, (terminal, node) [pu]; to be read only."""
        return matrices.terminal_admittance(self, state)

    def entry_values(self, state: FloatArray) -> ComplexArray:
        """Admittance entries at one state vector, (entry,) [pu]."""
        entries = self.entries
        return entries.value * state[entries.state_a] * state[entries.state_b]

    def nodal_admittance_of(
        self, state: FloatArray, *kinds: ElementKind
    ) -> sparse.csr_array:
        """The part of the nodal admittance matrix that elements of these kinds make, (node, node) [pu]; to be read only."""
        return matrices.nodal_admittance_of(self, state, kinds)

    def nodal_admittance(self, state: FloatArray) -> sparse.csr_array:
        """Nodal admittance at one state vector, without the identity rows of an ideal source, (node, node) [pu]; read only."""
        return matrices.nodal_admittance(self, state)


def network_of(value: object, caller: str) -> Network:
    """The network itself, or that of a feeder, which is made once, or of a feeder that is read by its name or path.

    Raises:
        InputError: if it is none of these; `caller` is the function that takes them.
    """
    if isinstance(value, Network):
        return value
    if isinstance(value, Feeder):
        return value.network
    if isinstance(value, str | Path):
        return load_feeder(value).network
    raise InputError(
        f"{caller} takes a Network, a Feeder, or the name or path of a feeder, not a {type(value).__name__}. For example "
        "load_feeder('ieee13')."
    )


def require_network(value: object, caller: str) -> None:
    """Raise `InputError` for what is no network, saying how to make one of it; `caller` is the function that takes networks."""
    if isinstance(value, Network):
        return
    what = f"{caller} takes a Network, not a {type(value).__name__}."
    if isinstance(value, Feeder):
        raise InputError(f"{what} Make one: Network.from_feeder(feeder).")
    raise InputError(f"{what} Make one: Network.from_feeder(load_feeder('ieee13')).")
