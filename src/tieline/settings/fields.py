"""The shared fields: one name, one sentence with its unit and one default for a question that several configurations ask.

    feeder            which feeder
    load_model        what loads do outside their voltage band
    load_pct          load of the one hour that is looked at
    line_rating_a     rating of lines that the feeder does not rate
    controls          what regulators and capacitors do
    ders              DERs that are added, and where

Those of limits stand in `limit_fields`. Where the published case of a study needs another default, the field is made by a
function of it; `tests/studies/test_vocabulary.py` lists each of these with its reason.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

LoadModelAsked = Literal["feeder", "zip", "opendss-band"]
Controls = Literal["feeder", "hold", "off"]
"""Every way that controls can be asked for; a study offers those that mean something to it."""

Inverter = Literal["unity", "power-factor", "volt-var"]
"""Reactive power of inverters that a study adds: none, a fixed power factor, or a curve of the voltage."""

LOAD_MODEL: LoadModelAsked = Field(
    default="feeder",
    description="Loads outside their voltage band: as the feeder's file means them, on their ZIP model at any voltage, or as "
    "OpenDSS turns them into impedances.",
)

LOAD_PCT: float = Field(default=100.0, ge=0, description="Load [% of nominal].")

LINE_RATING_A: float | None = Field(
    default=None,
    gt=0,
    description="Rating of lines that have none [A]; they limit nothing if not given.",
)


def feeder_field(default: str = "ieee33", further: str = "") -> Any:
    """Which feeder; `further` says what else a study takes."""
    sentence = "Bundled feeder name, or path of an OpenDSS, MATPOWER, pandapower, power-grid-model or tieline feeder."
    return Field(default=default, description=f"{sentence} {further}".rstrip())


def controls_field(default: Controls = "hold") -> Any:
    """What regulators and capacitors do."""
    return Field(
        default=default,
        description="Regulators and capacitors: feeder, they act in every power flow; hold, they act before what is studied "
        "happens and then stay; off, they stay as the feeder states them.",
    )


def ders_field(default: tuple[str, ...] | None = None) -> Any:
    """Which DERs are added, and where."""
    return Field(
        default=default,
        description="DERs beside those of the feeder, PLACE[:KW[/KVA]][@COST] separated by commas, as "
        "18:300,33.1:200/250@0.08; a place is a bus or bus.phase, the cost is in currency/kWh.",
    )
