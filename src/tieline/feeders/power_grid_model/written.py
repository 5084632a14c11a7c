"""`Written`: a data set while a feeder is written: components by type, ids, and what cannot be said."""

from __future__ import annotations

from typing import Any

from tieline.feeders.elements import Bus, Nodes
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding
from tieline.feeders.power_grid_model.grid import THREE
from tieline.feeders.power_grid_model.rows import Row

REMEDY = "Write tables or an OpenDSS script, or take the feeder's balanced equivalent (tieline feeders equivalent)."


class Written:
    """A data set while it is made of a feeder."""

    def __init__(self, feeder: Feeder) -> None:
        self.feeder = feeder
        self.components: dict[str, list[Row]] = {}
        self.errors: list[Finding] = []
        self._id_by_bus: dict[str, int] = {}
        self._count = 0

    @property
    def phases(self) -> Nodes:
        """Phases that a symmetric component has."""
        return (1,) if self.feeder.single_phase_equivalent else THREE

    def add(self, kind: str, name: str, **values: Any) -> int:
        """Add a component; its id."""
        self._count += 1
        row = {"id": self._count, "name": name, **values}
        self.components.setdefault(kind, []).append(row)
        return self._count

    def add_node(self, bus: Bus) -> int:
        """Add the node of a bus."""
        if bus.phases != self.phases:
            nodes = ".".join(map(str, bus.phases))
            self.refuse(f"bus {bus.name}", f"it has the nodes {nodes}, not 1.2.3.")
        number = self.add("node", bus.name, u_rated=bus.kv_ll * 1e3)
        self._id_by_bus[bus.name] = number
        return number

    def node(self, bus: str) -> int:
        """Id of the node of a bus."""
        return self._id_by_bus[bus]

    def kv(self, bus: str) -> float:
        """Rated voltage of a bus, line-to-line [kV]."""
        return self.feeder.bus(bus).kv_ll

    def refuse(self, component: str, message: str, remedy: str = REMEDY) -> None:
        """Note what the format cannot say."""
        code = "POWER_GRID_MODEL.NOT_WRITTEN"
        self.errors.append(Finding(code, "error", component, message, remedy))

    def add_shunt(self, name: str, bus: str, y1_s: complex, y0_s: complex) -> None:
        """Add an admittance to earth [S] in the positive and zero sequence, unless it is nothing."""
        if y1_s == 0 and y0_s == 0:
            return
        values = {"g1": y1_s.real, "b1": y1_s.imag}
        if not self.feeder.single_phase_equivalent:
            values |= {"g0": y0_s.real, "b0": y0_s.imag}
        self.add("shunt", name, node=self.node(bus), status=1, **values)
