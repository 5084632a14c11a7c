"""`DssCircuit`: the compiled circuit as records, one per enabled element, as the engine resolved them.

Properties come from the engine's JSON export, so defaults, inherited codes and unit conversions are the engine's. Nodes
come from its node order, where what a file leaves out is filled in (a one-phase delta load given one node hangs between it
and ground).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tieline.feeders.elements import Nodes
from tieline.feeders.findings import SEPARATOR, Finding
from tieline.feeders.opendss.finite import names_without_number

NOT_A_NUMBER = re.compile(r"([\[,:])\s*[-+]?(?:nan|inf)\b", re.IGNORECASE)
"""The engine fills matrices that nobody set (CMatrix of a bank given in kvar) from raw memory; JSON has no word for these."""


@dataclass(frozen=True)
class Terminal:
    """One terminal of an element: its bus, the node of each conductor, and which conductors are open."""

    bus: str
    nodes: Nodes
    is_open: tuple[bool, ...]


@dataclass(frozen=True)
class Record:
    """One enabled element. `properties` holds all of them by the engine's JSON names, `stated` names those that were set,
    `sequence` in the order in which they were set last.
    """

    kind: str
    name: str
    properties: dict[str, Any]
    stated: frozenset[str]
    terminals: tuple[Terminal, ...] = ()
    sequence: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    def stated_rating(self, name: str) -> float | None:
        """A rating that the file states; zero or less means that it is not known."""
        if name not in self.stated:
            return None
        value = float(self[name])
        return value if value > 0 else None

    @property
    def component(self) -> str:
        """How findings call the element, like "load house_12"."""
        return f"{self.kind.lower()} {self.name}"

    @property
    def has_open(self) -> bool:
        """Some conductor is open, which nearly none is."""
        return any(True in terminal.is_open for terminal in self.terminals)

    @property
    def is_cut_off(self) -> bool:
        """All phase conductors of some terminal are open (opening a terminal leaves its neutral closed)."""
        return self.has_open and any(
            all(terminal.is_open[: self["Phases"]]) for terminal in self.terminals
        )

    @property
    def is_partly_open(self) -> bool:
        """Some conductor is open, but no terminal in all its phases."""
        return self.has_open and not self.is_cut_off


@dataclass
class Report:
    """Findings as they are collected. Those of the same text become one finding about all their elements."""

    errors: list[Finding] = field(default_factory=list)
    _notes: dict[Finding, list[str]] = field(default_factory=dict)

    def error(self, what: str, component: str, message: str, remedy: str = "") -> None:
        """Something that tieline cannot represent without changing the physics."""
        self.errors.append(
            Finding(f"OPENDSS.{what}", "error", component, message, remedy)
        )

    def warning(
        self, what: str, component: str, message: str, remedy: str = ""
    ) -> None:
        """Something approximated or left out."""
        self._note(
            Finding(f"OPENDSS.{what}", "warning", "", message, remedy), component
        )

    def headline(self, what: str, component: str, message: str) -> None:
        """Something left out that changes the snapshot by a size that is known: it comes before all others."""
        text = Finding(f"OPENDSS.{what}", "warning", "", message)
        self._notes = {text: [component], **self._notes}

    def info(self, what: str, component: str, message: str) -> None:
        """Something left out that bears on no answer."""
        self._note(Finding(f"OPENDSS.{what}", "info", "", message), component)

    def _note(self, text: Finding, component: str) -> None:
        components = self._notes.setdefault(text, [])
        # one that meets the same text twice, for its P and its Q, is still one
        if not components or components[-1] != component:
            components.append(component)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """One finding per text, naming all its elements."""
        return tuple(
            replace(text, component=SEPARATOR.join(components))
            for text, components in self._notes.items()
        )


def _valid_json(text: str) -> str:
    """The engine's export without the words that are no JSON; the plain search spares most texts the slow one."""
    lower = text.lower()
    return (
        NOT_A_NUMBER.sub(r"\1null", text) if "nan" in lower or "inf" in lower else text
    )


@dataclass
class DssCircuit:
    """A compiled circuit. `engine` is the OpenDSS context that holds it.

    `without_number`: elements that were passed over, with their properties that hold no finite number.
    """

    engine: Any
    without_number: dict[str, list[str]] = field(default_factory=dict)
    _records: dict[str, list[Record]] = field(default_factory=dict)
    _is_solved: bool = False

    def start_snapshot(self) -> None:
        """Put every switch where its control holds it when a snapshot starts.

        Setting the mode is what makes the engine reset its controls: a switch control that is not locked, a recloser, relay or
        fuse then moves its switch to the normal state, whatever `open` and `close` commands stand in the file. Taps and capacitor
        steps stay.
        """
        self.engine.Text.Command("set mode=snapshot")

    def solve_once(self) -> None:
        """Let the engine work out, without controls, what depends on a solution: the power of DERs."""
        if not self._is_solved:
            self.engine.Solution.SolveNoControl()
            self._is_solved = True

    @property
    def name(self) -> str:
        """Name of the circuit, lower case."""
        return self.engine.Circuit.Name().lower()

    @cached_property
    def frequency_hz(self) -> float:
        """Fundamental frequency."""
        return float(self.engine.Solution.Frequency())

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Classes that the engine knows, by lower-case name."""
        return {kind.lower(): kind for kind in self.engine.Basic.Classes()}

    def names(self, kind: str) -> list[str]:
        """Names of all objects of a class, also data objects such as load shapes and disabled elements."""
        self.engine.Basic.SetActiveClass(kind)
        return [
            # a class without objects has the one name NONE
            name.lower()
            for name in self.engine.ActiveClass.AllNames()
            if name.lower() != "none"
        ]

    def records(self, kind: str) -> list[Record]:
        """Enabled elements of a class."""
        if kind not in self._records:
            self._records[kind] = self._read(kind) if kind.lower() in self.kinds else []
        return self._records[kind]

    def _read(self, kind: str) -> list[Record]:
        records = []
        # both lists hold every object in the order of the engine, so they can be walked together
        objects = self.objects(kind, full=True)
        stated = self.objects(kind, full=False)
        for properties, stated_properties in zip(objects, stated, strict=True):
            if not properties["Enabled"]:
                continue
            name = properties["Name"]
            unset = names_without_number(properties, stated_properties)
            if unset:
                self.without_number[f"{kind.lower()} {name.lower()}"] = unset
                continue
            terminals = self._terminals(f"{kind}.{name}")
            sequence = tuple(stated_properties)
            records.append(
                Record(
                    kind,
                    name.lower(),
                    properties,
                    frozenset(sequence),
                    terminals,
                    sequence,
                )
            )
        return records

    def objects(self, kind: str, *, full: bool) -> list[dict[str, Any]]:
        """Properties of all objects of a class: all of them, or only those that were stated."""
        self.engine.Basic.SetActiveClass(kind)
        if not self.engine.ActiveClass.Count():
            return []
        # one export of the whole class takes less time than a question for each property
        return json.loads(_valid_json(self.engine.ActiveClass.ToJSON(1 if full else 0)))

    def _terminals(self, full_name: str) -> tuple[Terminal, ...]:
        self.engine.Circuit.SetActiveElement(full_name)
        element = self.engine.CktElement
        order = [int(node) for node in element.NodeOrder()]
        size = element.NumConductors()
        if not order:  # controls have no conductors of their own
            return ()
        terminals = []
        # any conductor: nearly always none is, and each question costs time
        for k, place in enumerate(element.BusNames()):
            # the nodes behind the point are those of the file; the order of nodes has all of them
            bus = place.split(".")[0].lower()
            nodes = tuple(order[k * size : (k + 1) * size])
            is_open = (False,) * size
            if element.IsOpen(k + 1, 0):
                is_open = tuple(bool(element.IsOpen(k + 1, c + 1)) for c in range(size))
            terminals.append(Terminal(bus, nodes, is_open))
        return tuple(terminals)
