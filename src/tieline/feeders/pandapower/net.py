"""`Net`: an opened pandapower net, its rows in service, the names of its elements, and what there is to say about it."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tieline.errors import InputError, MissingExtraError
from tieline.feeders.elements import Nodes
from tieline.feeders.findings import Finding
from tieline.feeders.pandapower.json_file import read_json
from tieline.units import tidy

ONE: Nodes = (1,)
TO_GROUND: Nodes = (1, 0)
BUS_COLUMNS = ("bus", "from_bus", "to_bus", "hv_bus", "mv_bus", "lv_bus")
NAMES_LISTED = 5
"""How many elements a note spells out."""

Row = dict[str, Any]


@dataclass
class Net:
    """A pandapower net while it is read; `where` says what it was read from."""

    raw: Any
    name: str
    where: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    marks_controllable: bool | None = None
    _tables: dict[str, list[Row]] = field(default_factory=dict)
    _costs: dict[str, dict[tuple[str, int], Row]] = field(default_factory=dict)
    _names: dict[str, dict[Any, str]] = field(default_factory=dict)
    _taken: dict[str, set[str]] = field(default_factory=dict)

    def refuse(self, what: str, component: str, message: str, remedy: str) -> None:
        """Note something that cannot be represented."""
        self.errors.append(
            Finding(f"PANDAPOWER.{what}", "error", component, message, remedy)
        )

    def warn(self, what: str, component: str, message: str, remedy: str = "") -> None:
        """Note something that was approximated or left out."""
        self.warnings.append(
            Finding(f"PANDAPOWER.{what}", "warning", component, message, remedy)
        )

    def all_rows(self, table: str) -> list[Row]:
        """Rows of a table, each with its "index"; none if this version of pandapower has no such table."""
        if table not in self._tables:
            self._tables[table] = _rows_of(self.raw.get(table))
        return self._tables[table]

    def rows(self, table: str) -> list[Row]:
        """Rows that are in service and hang on buses that are."""
        return [
            row
            for row in self.all_rows(table)
            if row.get("in_service", True) and self.has_buses(row)
        ]

    def charged_lines(self) -> list[Row]:
        """Lines in service with a bus in service at one end at least."""
        ends = ("from_bus", "to_bus")
        return [
            row
            for row in self.all_rows("line")
            if row["in_service"] and any(row[end] in self.bus_names for end in ends)
        ]

    def has_buses(self, row: Row) -> bool:
        """True if every bus of a row is in service."""
        return all(
            row[column] in self.bus_names for column in BUS_COLUMNS if column in row
        )

    @cached_property
    def bus_names(self) -> dict[int, str]:
        """Name of each bus in service, by its index."""
        rows = [row for row in self.all_rows("bus") if row["in_service"]]
        out = len(self.all_rows("bus")) - len(rows)
        if out:
            self.warn(
                "BUS_OUT_OF_SERVICE",
                "bus",
                f"{out} bus(es) out of service and what hangs on them are left out; lines to them stay charged.",
            )
        return {row["index"]: self.element_name("bus", row) for row in rows}

    @cached_property
    def open_switches(self) -> dict[str, dict[int, set[int]]]:
        """Of lines ("l") and transformers of two ("t") or three windings ("t3"): those with an open switch, and where."""
        kinds = ("l", "t", "t3")
        buses_by_kind: dict[str, dict[int, set[int]]] = {kind: {} for kind in kinds}
        for row in self.all_rows("switch"):
            buses_by_element = buses_by_kind.get(row["et"])
            if buses_by_element is not None and not row["closed"]:
                buses = buses_by_element.setdefault(row["element"], set())
                buses.add(row["bus"])
        return buses_by_kind

    def indexed_costs(self, table: str) -> dict[tuple[str, int], Row]:
        """Rows of a cost table that are of active power, by the table and index of the element they are of."""
        if table not in self._costs:
            costs = {}
            for row in self.all_rows(table):
                # poly_cost has no such column: one row there holds the terms of P and of Q
                if row.get("power_type", "p") == "p":
                    costs[row["et"], int(row["element"])] = row
            self._costs[table] = costs
        return self._costs[table]

    @cached_property
    def reactive_costs(self) -> set[tuple[str, int]]:
        """Table and index of the elements whose reactive power costs something."""
        columns = ("cq1_eur_per_mvar", "cq2_eur_per_mvar2")
        rows = [
            row
            for row in self.all_rows("poly_cost")
            if any(number(row, column) for column in columns)
        ]
        rows += [
            row
            for row in self.all_rows("pwl_cost")
            if row.get("power_type", "p") == "q"
        ]
        return {(row["et"], int(row["element"])) for row in rows}

    @cached_property
    def _kv_by_bus(self) -> dict[int, float]:
        return {row["index"]: float(row["vn_kv"]) for row in self.all_rows("bus")}

    def kv(self, bus: int) -> float:
        """Nominal voltage of a bus, line-to-line [kV]."""
        return self._kv_by_bus[bus]

    def element_name(self, table: str, row: Row) -> str:
        """The element's own name if no other row of its table has it, else "table_index" or the next that is free."""
        if table not in self._names:
            self._names[table] = self._name_rows(table)
        return self._names[table][row["index"]]

    def made_up_name(self, table: str, base: str) -> str:
        """A name for what the net has no row of, that no element read from that table bears."""
        if table not in self._names:
            self._names[table] = self._name_rows(table)
        return self._fresh(table, base)

    def _name_rows(self, table: str) -> dict[Any, str]:
        rows = self.all_rows(table)
        names_in_file = {row["index"]: _clean(row.get("name")) for row in rows}
        counts = Counter(names_in_file.values())
        names = {
            index: name
            for index, name in names_in_file.items()
            if name and counts[name] == 1
        }
        # before names are made up, so that none of these meets a name of the file
        self._taken[table] = set(names.values())
        for row in rows:
            if row["index"] not in names:
                names[row["index"]] = self._fresh(table, f"{table}_{row['index']}")
        return names

    def _fresh(self, table: str, base: str) -> str:
        names_in_use = self._taken[table]
        name = base
        number = 2
        while name in names_in_use:
            name = f"{base}_{number}"
            number += 1
        names_in_use.add(name)
        return name


def _rows_of(frame: Any) -> list[Row]:
    if frame is None:
        return []
    return [
        # all cells at once, since asking a frame for each is slow
        {"index": index, **row}
        for index, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]


def open_net(source: Path | str | Any, origin: str = "") -> Net:
    """Open a net or the file it was saved to; raises `InputError` or `MissingExtraError`.

    `origin`: by what name a net was asked for, of which the part behind the colon names it.
    """
    try:
        import pandapower
    except ImportError:
        raise MissingExtraError(
            "pandapower", "pandapower", "Reading a pandapower net"
        ) from None
    if not isinstance(source, str | Path):
        if not isinstance(source, pandapower.pandapowerNet):
            raise InputError(
                f"A {type(source).__name__} is no pandapower net. Give a pandapowerNet or the path of its .json file."
            )
        name = _clean(origin.partition(":")[2] or source.get("name"))
        return Net(source, name or "net", origin or "a pandapower net in memory")
    path = Path(source)
    raw = read_json(pandapower, path)
    if not isinstance(raw, pandapower.pandapowerNet) or not hasattr(
        raw.get("bus"), "columns"
    ):
        raise InputError(
            f"File '{path}' holds no pandapower net. Save the net with pandapower.to_json."
        )
    return Net(raw, path.stem.lower(), path.name)


def is_empty(value: Any) -> bool:
    """True for an empty cell, however it is written."""
    return value is None or value != value or str(value) == "<NA>"


def number(row: Row, column: str, default: float = 0.0) -> float:
    """A cell as a float; `default` where the column is missing or the cell is empty."""
    value = row.get(column)
    return default if is_empty(value) else float(value)  # pyright: ignore[reportArgumentType]


def optional(row: Row, column: str) -> float | None:
    """A cell as a float; None where the column is missing, the cell is empty or infinite."""
    value = number(row, column, math.nan)
    return value if math.isfinite(value) else None


def kilo(mega: float) -> float:
    """MW to kW, Mvar to kvar, MVA to kVA, MWh to kWh."""
    return tidy(mega * 1e3)


def name_some(names: list[str]) -> str:
    """The first few names, and how many there are beside them."""
    more = len(names) - NAMES_LISTED
    return ", ".join(names[:NAMES_LISTED]) + (f" and {more} more" if more > 0 else "")


def place_of(raw: Any, index: int) -> tuple[float | None, float | None]:
    """Drawing coordinates of a bus: a GeoJSON point, if there is one."""
    geo = raw.bus["geo"].get(index) if "geo" in raw.bus else None
    if not isinstance(geo, str):
        return None, None
    try:
        x, y = (float(value) for value in json.loads(geo)["coordinates"][:2])
    except (ValueError, KeyError, TypeError, RecursionError):
        # a drawing is no reason to refuse a net
        return None, None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else (None, None)


def _clean(name: Any) -> str:
    """Lower case, blanks joined; blank for no name."""
    return "_".join(name.lower().split()) if isinstance(name, str) else ""
