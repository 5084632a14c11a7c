"""`Circuit`: what the OpenDSS engine knows of a compiled circuit, as plain dictionaries, and the findings collected while converting it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tieline.feeders.elements import Nodes
from tieline.feeders.findings import Finding
from tieline.typing import ComplexArray

Properties = dict[str, Any]

ALL_PROPERTIES, STATED_PROPERTIES = 1, 0
"""Options of the engine's JSON export: every property, or only those the file states."""


def tidy(value: float) -> float:
    """Twelve significant digits: the engine converts units back and forth, and 4.16 must not come back as 4.159999999999999."""
    return float(f"{value:.12g}")


@dataclass
class Circuit:
    """A compiled circuit. `findings` grows while elements are converted."""

    engine: Any
    findings: list[Finding] = field(default_factory=list)

    def elements(self, kind: str) -> list[Properties]:
        """All enabled elements of a class with every property; what is disabled is left out and noted."""
        everything = self._export(kind, ALL_PROPERTIES)
        enabled = [element for element in everything if element.get("Enabled", True)]
        if len(enabled) < len(everything):
            self.warn("OPENDSS.DISABLED", kind.lower(), f"{len(everything) - len(enabled)} disabled elements are left out.")
        return enabled

    def stated(self, kind: str) -> dict[str, Properties]:
        """By name, only the properties that the file states, to tell a figure from a default of the engine."""
        return {element["Name"].lower(): element for element in self._export(kind, STATED_PROPERTIES)}

    def count(self, kind: str) -> int:
        """Number of enabled elements of a class."""
        return sum(element.get("Enabled", True) for element in self._export(kind, ALL_PROPERTIES))

    def _export(self, kind: str, options: int) -> list[Properties]:
        self.engine.Basic.SetActiveClass(kind)
        if self.engine.ActiveClass.Count() == 0:
            return []
        return json.loads(self.engine.ActiveClass.ToJSON(options))

    @cached_property
    def classes(self) -> list[str]:
        """Names of all classes the engine has."""
        return list(self.engine.Basic.Classes())

    def terminal_nodes(self, kind: str, name: str) -> list[Nodes]:
        """Node numbers of the conductors of each terminal, as the engine ties them."""
        self._activate(kind, name)
        nodes = self.engine.CktElement.NodeOrder()
        count = self.engine.CktElement.NumTerminals()
        width = len(nodes) // count
        return [tuple(int(node) for node in nodes[k * width : (k + 1) * width]) for k in range(count)]

    def bus_names(self, kind: str, name: str) -> list[str]:
        """Bus of each terminal, without its nodes."""
        self._activate(kind, name)
        return [bus.split(".", 1)[0].lower() for bus in self.engine.CktElement.BusNames()]

    def primitive_s(self, kind: str, name: str) -> ComplexArray:
        """The engine's primitive admittance matrix of an element, (conductor, conductor) [S]."""
        self._activate(kind, name)
        parts = np.array(self.engine.CktElement.YPrim())
        size = round((len(parts) / 2) ** 0.5)
        return (parts[0::2] + 1j * parts[1::2]).reshape(size, size)

    def open_conductors(self, kind: str, name: str, n_terminals: int, n_conductors: int) -> int:
        """How many conductors of an element are open at a terminal."""
        self._activate(kind, name)
        is_open = self.engine.CktElement.IsOpen
        return sum(any(is_open(t + 1, c + 1) for t in range(n_terminals)) for c in range(n_conductors))

    def _activate(self, kind: str, name: str) -> None:
        self.engine.Circuit.SetActiveElement(f"{kind}.{name}")

    def warn(self, code: str, component: str, message: str, remedy: str = "") -> None:
        """Note an approximation."""
        self.findings.append(Finding(code, "warning", component, message, remedy))

    def refuse(self, code: str, component: str, message: str, remedy: str = "") -> None:
        """Note something that would make the answer wrong."""
        self.findings.append(Finding(code, "error", component, message, remedy))
