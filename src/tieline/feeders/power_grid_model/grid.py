"""`Grid`: a data set while it is read: the names of its components, its buses, and what there is to say about it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from tieline.feeders.elements import FIRST_NEUTRAL, Bus, Nodes, Shunt
from tieline.feeders.findings import Finding
from tieline.feeders.power_grid_model.rows import Row
from tieline.units import tidy

THREE: Nodes = (1, 2, 3)
ASYMMETRIC = ("asym_line", "asym_load", "asym_gen")
"""Components that only an asymmetric calculation tells from symmetric ones."""


@dataclass
class Grid:
    """A data set while it is read.

    `part_shunts`: what lines and transformers have to earth and a line or transformer of ours has not.
    """

    name: str
    components: dict[str, list[Row]]
    frequency_hz: float
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    part_shunts: list[Shunt] = field(default_factory=list)
    _stars: list[Bus] = field(default_factory=list)
    _neutrals: Counter[str] = field(default_factory=Counter)

    def rows(self, kind: str) -> list[Row]:
        """Components of a type."""
        return self.components.get(kind, [])

    def refuse(self, what: str, component: str, message: str, remedy: str) -> None:
        """Note something that cannot be represented."""
        code = f"POWER_GRID_MODEL.{what}"
        self.errors.append(Finding(code, "error", component, message, remedy))

    def warn(self, what: str, component: str, message: str, remedy: str = "") -> None:
        """Note something that was left out."""
        code = f"POWER_GRID_MODEL.{what}"
        self.warnings.append(Finding(code, "warning", component, message, remedy))

    @cached_property
    def is_three_phase(self) -> bool:
        """Whether something in it is not symmetric."""
        return any(self.rows(kind) for kind in ASYMMETRIC)

    @property
    def phases(self) -> Nodes:
        """Phases of every bus."""
        return THREE if self.is_three_phase else (1,)

    @property
    def to_ground(self) -> Nodes:
        """Nodes of what hangs between the phases and earth."""
        return (*self.phases, 0)

    @property
    def angular_frequency(self) -> float:
        """In radians per second."""
        return 2 * math.pi * self.frequency_hz

    @cached_property
    def _kv_by_id(self) -> dict[int, float]:
        nodes = self.rows("node")
        return {row["id"]: tidy(row["u_rated"] / 1e3) for row in nodes}

    def has_node(self, node: object) -> bool:
        """Whether there is a node of that id."""
        return node in self._kv_by_id

    def kv(self, node: int) -> float:
        """Rated voltage of a node, line-to-line [kV]."""
        return self._kv_by_id[node]

    def bus_name(self, node: int) -> str:
        """Name of the bus of a node."""
        return self._names[node]

    def element_name(self, row: Row) -> str:
        """Name of the element that is made of a component."""
        return self._names[row["id"]]

    @cached_property
    def _names(self) -> dict[int, str]:
        """By id: the name that a component states if no other one of its kind has it, else its type and id."""
        counts: Counter[tuple[str, str]] = Counter()
        for kind, rows in self.components.items():
            # a symmetric and an asymmetric load of one name would be two loads of one name here
            our_kind = _our_kind(kind)
            counts.update((our_kind, _clean(row.get("name"))) for row in rows)
        names = {}
        for kind, rows in self.components.items():
            our_kind = _our_kind(kind)
            for row in rows:
                number = row["id"]
                name = _clean(row.get("name"))
                is_clear = name and counts[our_kind, name] == 1
                names[number] = name if is_clear else f"{kind}_{number}"
        return names

    def add_star(self, name: str, node: int) -> str:
        """A bus within a transformer, at the voltage of a node; its name."""
        self._stars.append(Bus(name, self.phases, self.kv(node)))
        return name

    def add_neutral(self, bus: str) -> int:
        """A node for a star point at a bus that is not earthed, or not without impedance."""
        number = FIRST_NEUTRAL + self._neutrals[bus]
        self._neutrals[bus] += 1
        return number

    def buses(self) -> tuple[Bus, ...]:
        """All buses with the star points that were added."""
        buses = []
        for row in self.rows("node"):
            node = row["id"]
            buses.append(Bus(self.bus_name(node), self.phases, self.kv(node)))
        return tuple(self._with_neutrals(bus) for bus in (*buses, *self._stars))

    def _with_neutrals(self, bus: Bus) -> Bus:
        # transformers are read after the nodes: only at the end is it known how many star points a bus has
        end = FIRST_NEUTRAL + self._neutrals[bus.name]
        neutrals = range(FIRST_NEUTRAL, end)
        return Bus(bus.name, (*bus.phases, *neutrals), bus.kv_ll)


def _our_kind(kind: str) -> str:
    """What a type of component becomes here: one list of lines, of transformers, of loads and so on."""
    words = ("line", "link", "transformer", "branch", "load", "gen")
    ending = next((word for word in words if kind.endswith(word)), kind)
    # a link is read as a switch, which is a line; a generic branch as a unit with a ratio
    kind_of_ending = {"link": "line", "branch": "transformer"}
    return kind_of_ending.get(ending, ending)


def _clean(name: object) -> str:
    # the model passes over names, so that a file may have anything in their place
    if not isinstance(name, str):
        return ""
    words = name.lower().split()
    return " ".join(words)
