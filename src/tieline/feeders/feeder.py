"""`Feeder`: the network as the utility knows it. Immutable; `replace` and the edits of `feeders.edits` make changed copies.

Names are case-insensitive (stored in lower case by the readers) and unique within their kind.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.arguments import name_maker
from tieline.counted import counted, counted_list
from tieline.errors import InputError, require_text, unknown_name_message
from tieline.feeders.contents import contents_html
from tieline.feeders.edits import FeederEdits
from tieline.feeders.elements import (
    Bus,
    Capacitor,
    CapacitorControl,
    CurrentSource,
    Der,
    Generator,
    InverterControl,
    Line,
    Load,
    LoadModel,
    Pv,
    Regulator,
    Shape,
    Shunt,
    Source,
    Storage,
    Transformer,
)
from tieline.feeders.findings import Finding
from tieline.feeders.frames import element_frame

if TYPE_CHECKING:
    import pandas as pd

    from tieline import Network, Plot, Solution


@dataclass(frozen=True)
class Feeder(FeederEdits):
    """A distribution feeder.

    `single_phase_equivalent`: every bus has the one node 1, which stands for three balanced phases; powers are three-phase
        totals and voltages line-to-line.
    `frequency_is_assumed`: no file states the frequency, and a usual one was taken.
    `load_model`: what devices do outside their voltage band unless a solve says otherwise; the one that users of the
        original file expect.
    `origin` cites where the figures come from. `notes` are the warnings of the reader: what was approximated or dropped.
    """

    name: str
    buses: tuple[Bus, ...]
    sources: tuple[Source, ...]
    lines: tuple[Line, ...] = ()
    transformers: tuple[Transformer, ...] = ()
    regulators: tuple[Regulator, ...] = ()
    capacitors: tuple[Capacitor, ...] = ()
    capacitor_controls: tuple[CapacitorControl, ...] = ()
    loads: tuple[Load, ...] = ()
    pvs: tuple[Pv, ...] = ()
    storages: tuple[Storage, ...] = ()
    generators: tuple[Generator, ...] = ()
    inverter_controls: tuple[InverterControl, ...] = ()
    shunts: tuple[Shunt, ...] = ()
    current_sources: tuple[CurrentSource, ...] = ()
    shapes: tuple[Shape, ...] = ()
    frequency_hz: float = 60.0
    frequency_is_assumed: bool = False
    single_phase_equivalent: bool = False
    load_model: LoadModel = "zip"
    title: str = ""
    origin: str = ""
    notes: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Turn lists of elements into tuples: a feeder never changes."""
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):
                # a frozen dataclass sets its fields in no other way
                object.__setattr__(self, field.name, tuple(value))

    @cached_property
    def problems(self) -> tuple[Finding, ...]:
        """Everything that is wrong or odd about the feeder (`feeders.problems`); worked out once, as a feeder never changes."""
        # not at the top: the checks import this module
        from tieline.feeders.problems import run_checks

        return tuple(run_checks(self))

    @property
    def source(self) -> Source:
        """The one source of a feeder that has one.

        Raises:
            InputError: if it has several; whoever asks for one cannot do with more.
        """
        if len(self.sources) > 1:
            names = ", ".join(source.name for source in self.sources)
            raise InputError(
                f"Feeder '{self.name}' has {len(self.sources)} sources ({names}), and this needs a single one. The power "
                "flow takes all of them (tieline solve). Keep one, and make the others generators."
            )
        return next(iter(self.sources))

    @property
    def ders(self) -> tuple[Der, ...]:
        """All DERs: PV, then storage, then generators. This order is that of every DER array."""
        return (*self.pvs, *self.storages, *self.generators)

    @property
    def switches(self) -> tuple[Line, ...]:
        """The lines that are switches."""
        return tuple(line for line in self.lines if line.is_switch)

    @property
    def has_controls(self) -> bool:
        """Whether anything in it could act by itself: regulators, switched capacitors."""
        return bool(self.regulators or self.capacitor_controls)

    @property
    def peak_load_kw(self) -> float:
        """Sum of the nominal load [kW]."""
        return sum(load.p_kw for load in self.loads)

    @cached_property
    def _bus_by_name(self) -> dict[str, Bus]:
        return {bus.name: bus for bus in self.buses}

    def __repr__(self) -> str:
        """What a user wants to know at a prompt; all elements are in the fields."""
        elements = counted_list(
            {
                "bus": len(self.buses),
                "line": len(self.lines) - len(self.switches),
                "switch": len(self.switches),
                "transformer": len(self.transformers),
                "regulator": len(self.regulators),
                "capacitor": len(self.capacitors),
                "shunt": len(self.shunts),
                "current source": len(self.current_sources),
                "load": len(self.loads),
                "DER": len(self.ders),
                "inverter control": len(self.inverter_controls),
            }
        )
        sources = [
            f"{source.kv_ll:g} kV at bus '{source.bus}'" for source in self.sources
        ]
        kind = ", single-phase equivalent" if self.single_phase_equivalent else ""
        lines = [
            f"Feeder '{self.name}'{kind}",
            self.title,
            elements,
            f"load {self.peak_load_kw:,.1f} kW, source {' and '.join(sources) or 'missing'}",
            f"{counted(len(self.notes), 'note')} of its reader, in .notes"
            if self.notes
            else "",
        ]
        return "\n  ".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        """The same in a notebook, kind by kind."""
        return contents_html(self)

    def bus(self, name: str) -> Bus:
        """The bus of that name; raises `InputError` with the nearest names if there is none."""
        require_text(f"bus of feeder '{self.name}'", name)
        bus = self._bus_by_name.get(name.lower())
        if bus is None:
            where = f"of feeder '{self.name}'"
            raise InputError(
                unknown_name_message("bus", name, self._bus_by_name, where)
            )
        return bus

    def table(self, kind: str) -> pd.DataFrame:
        """Its elements of a kind, "loads" for example, a row each, as `feeders.frames.element_frame` says."""
        return element_frame(self, kind)

    def replace(self, **changes: Any) -> Feeder:
        """A copy with some fields replaced, for example `feeder.replace(loads=())`; it is checked when it becomes a `Network`.

        Raises:
            TypeError: for a field by another name, as of any keyword argument.
        """
        fields = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in fields:
                raise TypeError(
                    unknown_name_message("field", name, fields, "of a feeder")
                )
        # copies fields alone, so that no answer cached for this feeder goes along
        return dataclasses.replace(self, **changes)

    @cached_property
    def network(self) -> Network:
        """What a solver needs of the feeder, `Network.from_feeder`; made once, as a feeder never changes.

        Raises:
            FeederError: with everything that is wrong about the feeder, if anything is.
        """
        return _package().Network.from_feeder(self)

    def solve(self, **options: Any) -> Solution:
        """Its power flow: `tieline.solve` of this feeder, which says what `options` there are."""
        return _package().solve(self, **options)

    def plot(self) -> Plot:
        """Its one-line diagram, `tieline.plot_feeder`."""
        return _package().plot_feeder(self)

    def with_notes(self, notes: tuple[Finding, ...]) -> Feeder:
        """A copy with other notes; the checks do not look at them, therefore what they said holds for the copy too."""
        copy = self.replace(notes=notes)
        # where `cached_property` looks first, so that the checks do not run again
        copy.__dict__["problems"] = self.problems
        return copy


def _package() -> Any:
    """The package as a user has it: a feeder knows nothing of power flows, and asks whoever shows both."""
    # not at the top: the package shows this module too
    import tieline

    return tieline


def require_feeder(value: object) -> None:
    """Raise `InputError` for what is no `Feeder`, saying how to come to one."""
    if isinstance(value, Feeder):
        return
    what = f"A {type(value).__name__} is no Feeder."
    if isinstance(value, str | Path):
        raise InputError(f"{what} Read it first: load_feeder({str(value)!r}).")
    raise InputError(f"{what} Give what load_feeder returns.")


name_maker(Feeder, "Read one: load_feeder('ieee13'), or load_feeder(path).")
