"""What a composition says: a host, and parts that transformers join to its buses.

    name = "mine"
    host = "ieee123"
    [transformer]              of every part that states none
    kva = 400.0
    [[part]]
    name = "village"           stands before the part's names: village_650
    feeder = "village.dss"     bundled name, or a path that begins at the composition's folder
    host_bus = "48"

Parts are joined in the order of the file: a later one may stand at a bus of an earlier one, under the name it has then.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tieline.settings import Settings

Connections = Literal["wye-wye", "delta-wye", "wye-delta", "delta-delta"]
"""Connection of the winding at the host, then of that at the part; a wye is solidly earthed."""


def _lower(value: object) -> object:
    """Names of a feeder are in lower case, whatever a person writes."""
    return value.strip().lower() if isinstance(value, str) else value


Name = Annotated[str, BeforeValidator(_lower), Field(min_length=1)]


class JoiningTransformer(Settings):
    """A two-winding transformer; its voltages are those of the two buses."""

    kva: float = Field(gt=0, description="Rated apparent power of all phases [kVA].")
    r_pct: float = Field(
        default=1.0,
        ge=0,
        description="Resistance of both windings together [% of rating].",
    )
    x_pct: float = Field(
        default=5.0, gt=0, description="Leakage reactance [% of rating]."
    )
    connection: Connections = Field(
        default="wye-wye",
        description="Winding at the host, then at the part; a part of one or two phases takes wye-wye.",
    )
    tap: float = Field(
        default=1.0,
        gt=0,
        description="Turns of the winding at the host [per unit of rated]; more than 1 lowers the part's voltage.",
    )
    rating_kva: float | None = Field(
        default=None,
        gt=0,
        description="What loading is measured against [kVA]; left out, kva.",
    )


class Part(Settings):
    """A feeder that is joined to the host, and how."""

    name: Name = Field(description="Stands before all names of the part: NAME_bus.")
    feeder: str = Field(
        description="Bundled feeder name, or path of a feeder, which begins at the folder of the composition."
    )
    host_bus: Name = Field(description="Bus of the host where the part is joined.")
    host_phases: tuple[int, ...] | None = Field(
        default=None,
        description="Phases of that bus, in the order of the part's own; left out, those of the same numbers.",
    )
    bus: Name | None = Field(
        default=None,
        description="Bus of the part that the transformer feeds; left out, that of its source.",
    )
    transformer: JoiningTransformer | None = Field(
        default=None, description="What joins it; left out, that of the composition."
    )
    load_kw: float | None = Field(
        default=None,
        ge=0,
        description="Nominal load of the whole part [kW], all its loads scaled alike in kW and kvar; left out, as they are.",
    )
    frequency_hz: float | None = Field(
        default=None,
        gt=0,
        description="Takes the part's reactances as ohms at this frequency [Hz], where its file states another one.",
    )


class Composition(Settings):
    """Feeders that become one."""

    name: Name | None = Field(
        default=None,
        description="Name of the composed feeder; left out, that of the file.",
    )
    title: str = Field(default="", description="What it is, in a line.")
    origin: str = Field(default="", description="Where its figures come from.")
    host: str = Field(
        description="Bundled feeder name, or path of a feeder: it keeps its names and its source."
    )
    source_v_pu: float | None = Field(
        default=None,
        gt=0,
        description="Voltage of the host's source [pu], the same in all phases; left out, its own.",
    )
    transformer: JoiningTransformer | None = Field(
        default=None, description="Joins every part that states none."
    )
    part: tuple[Part, ...] = Field(
        min_length=1, description="Feeders that are joined to the host, in this order."
    )

    def transformer_of(self, part: Part) -> JoiningTransformer | None:
        """What joins a part; None if nobody says."""
        return part.transformer or self.transformer
