"""What a feeder consists of, for a reader: every kind with its number and the quantity that matters of it.

Of lines the length and how many have a rating: a limit that nothing rates judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tieline.feeders.feeder import Feeder

COUNTED = (
    "transformers",
    "regulators",
    "capacitors",
    "inverter_controls",
    "shunts",
    "current_sources",
)
"""Kinds of which the number says enough."""


def contents(feeder: Feeder) -> list[tuple[str, str]]:
    """Label and value, kinds that there are none of left out."""
    rows = [*_grid(feeder), *_counts(feeder), *_loads(feeder), *_ders(feeder)]
    return [(label.replace("_", " "), value) for label, value in rows]


def contents_html(feeder: Feeder) -> str:
    """The same as a table with the feeder's name above, for notebooks."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(label)}</th><td>{escape(value)}</td></tr>"
        for label, value in contents(feeder)
    )
    title = f"<b>{escape(feeder.name)}</b> {escape(feeder.title)}"
    return f"<p>{title}</p><table>{rows}</table>{_notes_html(feeder)}"


def _grid(feeder: Feeder) -> Iterator[tuple[str, str]]:
    n_nodes = sum(len(bus.phases) for bus in feeder.buses)
    yield "buses", f"{len(feeder.buses)}, with {n_nodes} nodes"
    yield "voltage levels", f"{_levels(bus.kv_ll for bus in feeder.buses)} kV"
    for source in feeder.sources:
        yield "source", f"{source.kv_ll:g} kV at bus {source.bus}"
    lines = [line for line in feeder.lines if not line.is_switch]
    if lines:
        rated = sum(line.is_rated for line in lines)
        yield "lines", f"{len(lines)}{_length(feeder)}, {rated or 'none'} with a rating"
    if feeder.switches:
        n_open = sum(not switch.closed for switch in feeder.switches)
        yield "switches", f"{len(feeder.switches)}, {n_open or 'none'} open"


def _length(feeder: Feeder) -> str:
    """The length of all lines whose length is known."""
    lengths_km = [line.length_km for line in feeder.lines if line.length_km]
    if not lengths_km:
        return ""
    return f", {sum(lengths_km):.4g} km"


def _levels(levels_kv: Iterable[float]) -> str:
    """Each once, the highest first."""
    texts = {f"{kv:.4g}" for kv in levels_kv}
    return ", ".join(sorted(texts, key=float, reverse=True))


def _counts(feeder: Feeder) -> Iterator[tuple[str, str]]:
    for kind in COUNTED:
        count = len(getattr(feeder, kind))
        if count:
            yield kind, str(count)


def _loads(feeder: Feeder) -> Iterator[tuple[str, str]]:
    if feeder.loads:
        q_kvar = sum(load.q_kvar for load in feeder.loads)
        powers = f"{feeder.peak_load_kw:.1f} kW and {q_kvar:.1f} kvar"
        yield "loads", f"{len(feeder.loads)}, together {powers}"


def _ders(feeder: Feeder) -> Iterator[tuple[str, str]]:
    if feeder.pvs:
        rated_kw = sum(pv.rated_kw for pv in feeder.pvs)
        yield "PV", f"{len(feeder.pvs)}, together {rated_kw:.1f} kW"
    if feeder.storages:
        rated_kw = sum(storage.rated_kw for storage in feeder.storages)
        energy_kwh = sum(storage.energy_kwh for storage in feeder.storages)
        powers = f"{rated_kw:.1f} kW and {energy_kwh:.1f} kWh"
        yield "storages", f"{len(feeder.storages)}, together {powers}"
    if feeder.generators:
        rated_kva = sum(generator.rated_kva for generator in feeder.generators)
        yield "generators", f"{len(feeder.generators)}, together {rated_kva:.1f} kVA"


def _notes_html(feeder: Feeder) -> str:
    """The notes of the reader, folded."""
    if not feeder.notes:
        return ""
    items = "".join(f"<li>{escape(str(note))}</li>" for note in feeder.notes)
    return f"<details><summary>{len(feeder.notes)} notes</summary><ul>{items}</ul></details>"
