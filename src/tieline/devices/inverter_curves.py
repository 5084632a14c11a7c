"""What inverters with characteristics inject at the voltage they see: volt-var, volt-watt, watt-var and watt-pf.

    P = sign(P_a) min(|P_a|, w(u) P_b, S)
    Q = q(u) Q_b   or   q(P / P_b) Q_b   or   P sqrt(1 / pf^2 - 1), pf = pf(P / P_b)   or   what it is given

with the P that it would like to give P_a, the rated kVA S, the bases P_b and Q_b; Q_b is sqrt(S^2 - P^2) ("headroom") or the
limit of Q ("limits"). Q stays within its limits, which shrink in proportion to P where P is small. Where P and Q together are
beyond S, one of them is cut. Curves are straight between their points and constant outside.

Source: IEEE Std 1547-2018, 5.3 and 5.4; limits and priorities as `InvControl`, `PVSystem` and `Storage` of OpenDSS have them.
Left out: the time constants of the curves, hysteresis, limits of the rate of change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tieline.typing import BoolArray, FloatArray

Points = tuple[tuple[float, ...], tuple[float, ...]]
"""First axis, rising, and what comes out."""


@dataclass(frozen=True, eq=False)
class Curves:
    """One curve for each inverter, straight pieces side by side, those of few pieces padded.

    Attributes:
        first: what comes out up to the first point, (inverter,).
        low, width, slope: where each piece begins, how long it is, how steep, (piece, inverter).
        is_there: whether an inverter has the curve, (inverter,).
    """

    first: FloatArray
    low: FloatArray
    width: FloatArray
    slope: FloatArray
    is_there: BoolArray

    @classmethod
    def of(cls, points: Sequence[Points]) -> Curves:
        """The curves; one without points is not there."""
        most = max((len(across) for across, _ in points), default=0)
        shape = (max(most - 1, 0), len(points))
        low = np.zeros(shape)
        width = np.zeros(shape)
        slope = np.zeros(shape)
        first = np.zeros(len(points))
        for k, (across, along) in enumerate(points):
            if not across:
                continue
            count = len(across) - 1
            first[k] = along[0]
            low[:count, k] = across[:-1]
            width[:count, k] = np.diff(across)
            slope[:count, k] = np.diff(along) / np.diff(across)
        is_there = np.array([len(across) > 0 for across, _ in points], dtype=bool)
        return cls(first, low, width, slope, is_there)

    def at(self, x: FloatArray) -> FloatArray:
        """What comes out, (scenario, inverter); 0 where there is no curve, NaN where `x` is."""
        value = np.broadcast_to(self.first, x.shape).copy()
        for low, width, slope in zip(self.low, self.width, self.slope, strict=True):
            value += slope * np.clip(x - low, 0.0, width)
        return value


@dataclass(frozen=True, eq=False)
class InverterCurves:
    """Inverters of any number, (inverter,) each.

    Attributes:
        volt_var, volt_watt, charge_watt, watt_var, watt_pf: their curves.
        has_headroom_base: `Q_b` is what the kVA leave, else the limit of Q.
        p_base_kw: NaN where it is the P that the inverter would like to give.
        q_high_kvar, q_low_kvar: most Q injected and absorbed; infinite where only the kVA limit it.
        least_p_kw, full_q_kw: P below which there is no Q, and from which on all of it may be had.
        cuts_q: Q is cut where the kVA are exceeded, else P.
        keeps_power_factor: a Q that is given shrinks with P.
    """

    volt_var: Curves
    volt_watt: Curves
    charge_watt: Curves
    watt_var: Curves
    watt_pf: Curves
    has_headroom_base: BoolArray
    p_base_kw: FloatArray
    q_high_kvar: FloatArray
    q_low_kvar: FloatArray
    least_p_kw: FloatArray
    full_q_kw: FloatArray
    cuts_q: BoolArray
    keeps_power_factor: BoolArray

    @property
    def lowers_p(self) -> BoolArray:
        """Whether P may hang on the voltage, (inverter,)."""
        by_curve = self.volt_watt.is_there | self.charge_watt.is_there
        by_kva = ~self.cuts_q & ~self.has_headroom_base
        return by_curve | by_kva

    def powers(
        self,
        v_pu: FloatArray,
        wanted_kw: FloatArray,
        given_kvar: FloatArray,
        kva: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """What the inverters inject.

        Args:
            v_pu: voltage that each sees, (scenario, inverter) [pu].
            wanted_kw: P that they would like to give, below zero where they charge [kW].
            given_kvar: Q of those without a curve for it [kvar].
            kva: ratings [kVA].

        Returns:
            P [kW] and Q [kvar], (scenario, inverter); NaN where an argument is.
        """
        p_size = self._active_size(v_pu, wanted_kw, kva)
        p_kw = np.copysign(p_size, wanted_kw)
        q_kvar = self._wanted_q(v_pu, p_kw, wanted_kw, given_kvar, kva)
        high, low = self._limits(p_size, kva)
        q_kvar = np.clip(q_kvar, -low, high)
        room = _beside(kva, p_size)
        q_size = np.abs(q_kvar)
        q_within = np.copysign(np.minimum(q_size, room), q_kvar)
        if self.cuts_q.all():
            return p_kw, q_within
        p_within = np.copysign(np.minimum(p_size, _beside(kva, q_size)), wanted_kw)
        return np.where(self.cuts_q, p_kw, p_within), np.where(
            self.cuts_q, q_within, q_kvar
        )

    def _active_size(
        self, v_pu: FloatArray, wanted_kw: FloatArray, kva: FloatArray
    ) -> FloatArray:
        """|P| before any Q, (scenario, inverter) [kW]."""
        size = np.abs(wanted_kw)
        # most inverters have no such curve, and a batch asks often
        if not (self.volt_watt.is_there | self.charge_watt.is_there).any():
            return np.minimum(size, kva)
        base = np.where(np.isnan(self.p_base_kw), size, self.p_base_kw)
        charges = wanted_kw < 0
        while_injecting = _limit(self.volt_watt, v_pu, base)
        while_charging = _limit(self.charge_watt, v_pu, base)
        limit = np.where(charges, while_charging, while_injecting)
        # a limit below zero would turn P round
        limit = np.maximum(limit, 0.0)
        return np.minimum(np.minimum(size, limit), kva)

    def _wanted_q(
        self,
        v_pu: FloatArray,
        p_kw: FloatArray,
        wanted_kw: FloatArray,
        given_kvar: FloatArray,
        kva: FloatArray,
    ) -> FloatArray:
        """Q before its limits, (scenario, inverter) [kvar]."""
        q_kvar = self._given_q(p_kw, wanted_kw, given_kvar)
        # a batch asks often, and hardly any has all kinds of curves
        if self.volt_var.is_there.any():
            share = self.volt_var.at(v_pu)
            by_voltage = share * self._q_base(share, p_kw, kva)
            q_kvar = np.where(self.volt_var.is_there, by_voltage, q_kvar)
        if not (self.watt_var.is_there | self.watt_pf.is_there).any():
            return q_kvar
        p_share = np.abs(wanted_kw) / self.p_base_kw
        share = self.watt_var.at(p_share)
        by_power = share * self._q_base(share, p_kw, kva)
        q_kvar = np.where(self.watt_var.is_there, by_power, q_kvar)
        by_factor = wanted_kw * _tangent(self.watt_pf.at(p_share))
        return np.where(self.watt_pf.is_there, by_factor, q_kvar)

    def _given_q(
        self, p_kw: FloatArray, wanted_kw: FloatArray, given_kvar: FloatArray
    ) -> FloatArray:
        """Q of an inverter without a curve for it, (scenario, inverter) [kvar]."""
        if not self.keeps_power_factor.any():
            return given_kvar
        is_cut = np.abs(p_kw) < np.abs(wanted_kw)
        ratio = np.divide(p_kw, wanted_kw, out=np.ones_like(p_kw), where=is_cut)
        return given_kvar * np.where(self.keeps_power_factor, ratio, 1.0)

    def _q_base(
        self, share: FloatArray, p_kw: FloatArray, kva: FloatArray
    ) -> FloatArray:
        limit = np.where(share >= 0, self.q_high_kvar, self.q_low_kvar)
        if not self.has_headroom_base.any():
            return np.minimum(limit, kva)
        return np.where(
            self.has_headroom_base, _beside(kva, p_kw), np.minimum(limit, kva)
        )

    def _limits(
        self, p_size: FloatArray, kva: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Most Q injected and absorbed, (scenario, inverter) [kvar]."""
        high = np.minimum(self.q_high_kvar, kva)
        low = np.minimum(self.q_low_kvar, kva)
        if not (self.full_q_kw.any() or self.least_p_kw.any()):
            return high, low
        is_small = p_size < self.full_q_kw
        part = np.divide(
            p_size, self.full_q_kw, out=np.ones_like(p_size), where=is_small
        )
        part = np.where(p_size < self.least_p_kw, 0.0, part)
        return high * part, low * part


def _limit(curve: Curves, v_pu: FloatArray, base_kw: FloatArray) -> FloatArray:
    """Most |P| by a curve, infinite where there is none."""
    return np.where(curve.is_there, curve.at(v_pu) * base_kw, np.inf)


def _tangent(power_factor: FloatArray) -> FloatArray:
    """Q over P at a power factor, below zero where that is."""
    # without a factor no Q can be had of it
    size = np.where(power_factor == 0, 1.0, np.abs(power_factor))
    return np.copysign(np.sqrt(1.0 / size**2 - 1.0), power_factor)


def _beside(kva: FloatArray, power: FloatArray) -> FloatArray:
    """What a rating leaves beside P or Q."""
    return np.sqrt(np.maximum(kva * kva - power * power, 0.0))
