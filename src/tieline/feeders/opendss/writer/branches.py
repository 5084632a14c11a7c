"""Lines and transformers as OpenDSS commands."""

from __future__ import annotations

from collections.abc import Iterator

from tieline.feeders.elements import (
    Line,
    Shunt,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer.words import Properties, at, command, triangle
from tieline.units import SQRT3


def line_command(line: Line) -> str:
    """A line by its matrices per kilometre, or of its whole length."""
    properties: Properties = {
        "phases": len(line.from_nodes),
        "bus1": at(line.from_bus, line.from_nodes),
        "bus2": at(line.to_bus, line.to_nodes),
        "rmatrix": triangle(line.code.r_ohm_per_km),
        "xmatrix": triangle(line.code.x_ohm_per_km),
        "cmatrix": triangle(line.code.c_nf_per_km),
        "units": "km",
        "length": line.impedance_factor,
    }
    return command(f"new line.{line.name}", properties)


def open_commands(line: Line) -> Iterator[str]:
    """What opens a line at the ends at which it is open; it has to be there by then."""
    if not line.closed and line.open_end != "to":
        yield f"open line.{line.name} 1"
    if not line.closed and line.open_end != "from":
        yield f"open line.{line.name} 2"


def transformer_commands(transformer: Transformer) -> Iterator[str]:
    """A transformer and one line for each of its windings."""
    properties: Properties = {
        "phases": transformer.phases,
        "windings": len(transformer.windings),
        **_reactances(transformer.x_pct),
        "%noloadloss": transformer.noload_loss_pct,
        "%imag": transformer.magnetizing_pct,
        "ppm_antifloat": transformer.antifloat_ppm,
        "leadlag": "lead" if transformer.low_side_leads else "lag",
    }
    yield command(f"new transformer.{transformer.name}", properties)
    for k, winding in enumerate(transformer.windings, start=1):
        yield command(f"~ wdg={k}", _winding(winding))


def _reactances(x_pct: tuple[float, ...]) -> Properties:
    """Up to three windings have a word for each pair of them."""
    if len(x_pct) > 3:
        return {"xscarray": x_pct}
    return dict(zip(("xhl", "xht", "xlt"), x_pct, strict=False))


def first_cores(feeder: Feeder) -> Iterator[Shunt]:
    """The no-load part at first windings, of which the engine knows nothing: its own sits on the second."""
    for transformer in feeder.transformers:
        loss_pct = transformer.first_noload_loss_pct
        magnetizing_pct = transformer.first_magnetizing_pct
        if loss_pct == 0 and magnetizing_pct == 0:
            continue
        first = transformer.windings[0]
        kv = first.kv * first.tap
        if transformer.phases > 1 and first.connection == "wye":
            kv /= SQRT3
        yield Shunt(
            f"core_of_{transformer.name}",
            first.bus,
            first.nodes,
            first.connection,
            kv,
            p_kw=loss_pct / 100 * first.kva,
            q_kvar=magnetizing_pct / 100 * first.kva,
        )


def _winding(winding: Winding) -> Properties:
    return {
        "bus": at(winding.bus, winding.nodes),
        "conn": winding.connection,
        "kv": winding.kv,
        "kva": winding.kva,
        "%r": winding.r_pct,
        "maxtap": winding.tap_max,
        "mintap": winding.tap_min,
        "numtaps": winding.tap_steps,
        "tap": winding.tap,
    }
