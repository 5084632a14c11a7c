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
from tieline.units import tidy

ONE: Nodes = (1,)
TO_GROUND: Nodes = (1, 0)
BUS_COLUMNS = ("bus", "from_bus", "to_bus", "hv_bus", "lv_bus")
Row = dict[str, Any]


@dataclass
class Net:
    """A pandapower net while it is read; `where` says what it was read from."""

    raw: Any
    name: str
    where: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def refuse(self, what: str, component: str, message: str, remedy: str) -> None:
        """Note something that cannot be represented."""
        self.errors.append(Finding(f"PANDAPOWER.{what}", "error", component, message, remedy))

    def warn(self, what: str, component: str, message: str) -> None:
        """Note something that was approximated or left out."""
        self.warnings.append(Finding(f"PANDAPOWER.{what}", "warning", component, message))

    def all_rows(self, table: str) -> list[Row]:
        """Rows of a table, each with its "index"; none if this version of pandapower has no such table."""
        frame = self.raw.get(table)
        if frame is None:
            return []
        return [{"index": index, **row} for index, row in zip(frame.index, frame.to_dict("records"), strict=True)]

    def rows(self, table: str) -> list[Row]:
        """Rows that are in service and hang on buses that are."""
        return [row for row in self.all_rows(table) if row.get("in_service", True) and self.has_buses(row)]

    def has_buses(self, row: Row) -> bool:
        """True if every bus of a row is in service."""
        return all(row[column] in self.bus_names for column in BUS_COLUMNS if column in row)

    @cached_property
    def bus_names(self) -> dict[int, str]:
        """Name of each bus in service, by its index."""
        rows = [row for row in self.all_rows("bus") if row["in_service"]]
        out = len(self.all_rows("bus")) - len(rows)
        if out:
            self.warn("BUS_OUT_OF_SERVICE", "bus", f"{out} bus(es) out of service and what hangs on them are left out.")
        return {row["index"]: self.element_name("bus", row) for row in rows}

    def open_switches(self, kind: str) -> dict[int, set[int]]:
        """Lines ("l") or transformers ("t") with an open switch, and the buses where."""
        found: dict[int, set[int]] = {}
        for row in self.all_rows("switch"):
            if row["et"] == kind and not row["closed"]:
                found.setdefault(row["element"], set()).add(row["bus"])
        return found

    @cached_property
    def _kv_by_bus(self) -> dict[int, float]:
        return {row["index"]: float(row["vn_kv"]) for row in self.all_rows("bus")}

    def kv(self, bus: int) -> float:
        """Nominal voltage of a bus, line-to-line [kV]."""
        return self._kv_by_bus[bus]

    @cached_property
    def _name_counts(self) -> dict[str, Counter[str]]:
        return {}

    def element_name(self, table: str, row: Row) -> str:
        """The element's own name if no other row of its table has it, else "table_index"."""
        if table not in self._name_counts:
            self._name_counts[table] = Counter(_clean(row.get("name")) for row in self.all_rows(table))
        own = _clean(row.get("name"))
        return own if own and self._name_counts[table][own] == 1 else f"{table}_{row['index']}"


def open_net(source: Path | str | Any) -> Net:
    """Open a net or the file it was saved to; raises `InputError` or `MissingExtraError`."""
    try:
        import pandapower
    except ImportError:
        raise MissingExtraError("pandapower", "pandapower", "Reading a pandapower net") from None
    if not isinstance(source, str | Path):
        if not isinstance(source, pandapower.pandapowerNet):
            raise InputError(
                f"A {type(source).__name__} is no pandapower net. Give a pandapowerNet or the path of its .json file."
            )
        return Net(source, _clean(source.get("name")) or "net", "a pandapower net in memory")
    path = Path(source)
    raw = _from_json(pandapower, path, _text(path))
    if not isinstance(raw, pandapower.pandapowerNet) or not hasattr(raw.get("bus"), "columns"):
        raise InputError(f"File '{path}' holds no pandapower net. Save the net with pandapower.to_json.")
    return Net(raw, path.stem.lower(), path.name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"pandapower file '{path}' does not exist. Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"pandapower file '{path}' cannot be read ({error}). Check the path and its permissions.") from None


def _from_json(pandapower: Any, path: Path, text: str) -> Any:
    """Whatever pandapower makes of the text; its own complaints become one line."""
    try:
        json.loads(text)
        return pandapower.from_json_string(text)
    except (ValueError, KeyError, TypeError, AttributeError, ImportError, UserWarning) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"pandapower file '{path}' cannot be read ({reason[0]}). Save the net with pandapower.to_json."
        ) from None


def number(row: Row, column: str, default: float = 0.0) -> float:
    """A cell as a float; `default` where the column is missing or the cell is empty."""
    value = row.get(column)
    if value is None or value != value or str(value) == "<NA>":
        return default
    return float(value)


def kilo(mega: float) -> float:
    """MW to kW, Mvar to kvar, MVA to kVA, MWh to kWh."""
    return tidy(mega * 1e3)


def place_of(raw: Any, index: int) -> tuple[float | None, float | None]:
    """Drawing coordinates of a bus: a GeoJSON point, if there is one."""
    geo = raw.bus["geo"].get(index) if "geo" in raw.bus else None
    if not isinstance(geo, str):
        return None, None
    try:
        x, y = (float(value) for value in json.loads(geo)["coordinates"][:2])
    except (ValueError, KeyError, TypeError):  # a drawing is no reason to refuse a net
        return None, None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else (None, None)


def _clean(name: Any) -> str:
    """Lower case, blanks joined; blank for no name."""
    return "_".join(name.lower().split()) if isinstance(name, str) else ""
