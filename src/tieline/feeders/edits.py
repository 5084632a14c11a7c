"""Edits of a feeder by name, for whoever types: `feeder.with_pv("83", kw=500).with_switch("sw6", closed=False)`.

Each gives a new feeder; what is wrong with an edit is told at once and together, with the nearest names. A device takes its
voltage and its connection from its bus, as `feeders.placing` says. The whole feeder is checked when it becomes a `Network`.

A power factor is signed as in OpenDSS: above 0 Q flows the way P does (a load consumes it, a DER injects it), below 0 against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from tieline.errors import InputError, require_text, unknown_name_message
from tieline.feeders.elements import Generator, Load, Pv, Storage
from tieline.feeders.new_device import NewDevice
from tieline.feeders.taking_out import take_out

if TYPE_CHECKING:
    from tieline.feeders.feeder import Feeder

Phases = int | Sequence[int] | None
"""One phase, several, or None for all of the bus."""


class FeederEdits:
    """What `Feeder` can do by name. `fields` of an edit are further fields of the element, see `feeders.elements`."""

    def with_pv(
        self,
        bus: str,
        kw: float,
        *,
        phases: Phases = None,
        pf: float | None = None,
        kvar: float | None = None,
        kva: float | None = None,
        name: str | None = None,
        **fields: Any,
    ) -> Feeder:
        """A copy with one more PV system, in full sun in the snapshot.

        Args:
            bus: its bus, "83", or a place, "83.2".
            kw: rating of its panels [kW].
            phases: on which it stands; None for all of the bus.
            pf: power factor, 1 if neither it nor `kvar` is given.
            kvar: injection in place of a power factor [kvar].
            kva: rating of its inverter; None for what `kw` and Q need. Where it is smaller the inverter cuts P, and Q with it.
            name: None for "pv_" and the place.

        Raises:
            InputError: with everything about the edit that cannot be.
        """
        device = NewDevice(_feeder(self), Pv, bus, phases, name, fields)
        power = device.power(kw, kvar, pf, least_kw=0.0)
        rated_kva = device.rating("kva", kva, power.kva)
        share = power.share_within(rated_kva)
        if kvar is not None:
            device.require_room(power, rated_kva)
        return device.add(
            rated_kw=power.kw,
            inverter_kva=rated_kva,
            p_kw=power.kw * share,
            q_kvar=power.kvar * share,
        )

    def with_load(
        self,
        bus: str,
        kw: float,
        *,
        phases: Phases = None,
        pf: float | None = None,
        kvar: float | None = None,
        name: str | None = None,
        **fields: Any,
    ) -> Feeder:
        """A copy with one more load, of constant power unless `zip_p`, `zip_q` or `exponents` say otherwise.

        Args:
            bus, phases: as in `with_pv`.
            kw: consumption [kW].
            pf: power factor, 1 if neither it nor `kvar` is given.
            kvar: consumption in place of a power factor [kvar].
            name: None for "load_" and the place.

        Raises:
            InputError: with everything about the edit that cannot be.
        """
        device = NewDevice(_feeder(self), Load, bus, phases, name, fields)
        power = device.power(kw, kvar, pf)
        return device.add(p_kw=power.kw, q_kvar=power.kvar)

    def with_battery(
        self,
        bus: str,
        kw: float,
        kwh: float,
        *,
        phases: Phases = None,
        kva: float | None = None,
        stored_kwh: float | None = None,
        name: str | None = None,
        **fields: Any,
    ) -> Feeder:
        """A copy with one more battery, which rests in the snapshot: power is given with `solve(der_kw={name: kw})`.

        Args:
            bus, phases: as in `with_pv`.
            kw: highest power of charging and discharging [kW].
            kwh: what it can store [kWh].
            kva: rating of its inverter; None for `kw`.
            stored_kwh: what it holds; None for full, as in OpenDSS.
            name: None for "battery_" and the place.

        Raises:
            InputError: with everything about the edit that cannot be.
        """
        device = NewDevice(_feeder(self), Storage, bus, phases, name, fields)
        energy_kwh = device.rating("kwh", kwh)
        rated_kw = device.rating("kw", kw)
        return device.add(
            rated_kw=rated_kw,
            energy_kwh=energy_kwh,
            inverter_kva=device.rating("kva", kva, rated_kw),
            stored_kwh=device.number("stored_kwh", stored_kwh, energy_kwh),
        )

    def with_generator(
        self,
        bus: str,
        kw: float,
        *,
        phases: Phases = None,
        pf: float | None = None,
        kvar: float | None = None,
        kva: float | None = None,
        name: str | None = None,
        **fields: Any,
    ) -> Feeder:
        """A copy with one more generator; `held_v_pu=1.0` lets it hold a voltage.

        Args:
            bus, phases: as in `with_pv`.
            kw: injection in the snapshot [kW].
            pf: power factor, 1 if neither it nor `kvar` is given.
            kvar: injection in place of a power factor [kvar].
            kva: rating; None for what `kw` and Q need.
            name: None for "generator_" and the place.

        Raises:
            InputError: with everything about the edit that cannot be.
        """
        device = NewDevice(_feeder(self), Generator, bus, phases, name, fields)
        power = device.power(kw, kvar, pf, least_kw=0.0)
        rated_kva = device.rating("kva", kva, power.kva)
        device.require_room(power, rated_kva)
        return device.add(rated_kva=rated_kva, p_kw=power.kw, q_kvar=power.kvar)

    def with_switch(self, name: str, *, closed: bool) -> Feeder:
        """A copy with a switch closed or open; any line can be switched.

        Raises:
            InputError: if there is no such line, or `closed` is neither True nor False.
        """
        feeder = _feeder(self)
        require_text(f"switch of feeder '{feeder.name}'", name)
        names = [line.name for line in feeder.lines]
        key = name.strip().lower()
        if key not in names:
            where = f"of feeder '{feeder.name}'"
            raise InputError(unknown_name_message("line or switch", name, names, where))
        # 0 and 1 are what `solve(line_closed=...)` takes
        if closed not in (True, False):
            raise InputError(
                f"Switch '{key}' is closed, True, or open, False; got {closed!r}."
            )
        lines = list(feeder.lines)
        k = names.index(key)
        lines[k] = replace(lines[k], closed=bool(closed))
        return feeder.replace(lines=tuple(lines))

    def without(self, *names: str) -> Feeder:
        """A copy without some elements, of any kind but buses.

        Args:
            names: of the elements, "s1a"; where two kinds have that name with the kind, "load.s1a". The regulators of a
                transformer and the control of a capacitor or an inverter go with it.

        Raises:
            InputError: with every name that does not exist or stands for several elements.
        """
        return take_out(_feeder(self), names)


def _feeder(edits: FeederEdits) -> Feeder:
    """The feeder itself, which inherits from here."""
    return cast("Feeder", edits)
