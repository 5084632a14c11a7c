"""What an inverter makes of the voltage it sees: its volt-var and volt-watt characteristics, as utilities set them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tieline.feeders.elements.terms import Nodes

InverterKind = Literal["pv", "storage"]
SharedRule = Literal["mean", "highest", "lowest"]
ReactiveBase = Literal["headroom", "limits"]
Yielding = Literal["p", "q"]


@dataclass(frozen=True, slots=True)
class InverterControl:
    """The characteristic of one PV system or storage, `der` of `der_kind`. It decides Q, and may lower P, in every power flow
    that is not given `der_kvar`; the P of the DER is then what it would like to give.

    A curve is two lists of equal length, straight between its points and constant outside; an empty one is not there.

    `volt_var_v_pu`, `volt_var_q_share`: injected Q by the voltage, as a share of `q_base`: "headroom", what the rated kVA leave
        beside P, or "limits", the highest kvar either way.
    `volt_watt_v_pu`, `volt_watt_p_share`: most P injected by the voltage, as a share of `p_base_kw`, None for the P that it would
        like to give. `charge_watt_v_pu`, `charge_watt_p_share`: the same while a storage charges.
    `watt_var_p_share`, `watt_var_q_share`: injected Q by P / `p_base_kw`, in place of that by voltage.
    `watt_pf_p_share`, `watt_pf`: power factor by P / `p_base_kw`, above 0 injects Q while it injects P, in place of both.
    `q_high_kvar`, `q_low_kvar`: most Q injected and absorbed, both above zero; None for the rated kVA. They shrink in proportion
        to P below `full_q_kw`, and below `least_p_kw` there is no Q.
    `yields`: which of P and Q is cut where both together are beyond the rated kVA.
    `keeps_power_factor`: where no curve decides Q, that of the DER shrinks with a P that is cut; else it stays.
    `watched_rule`: what is made of the voltages of its phases. `watched_bus`, `watched_nodes`, `watched_kv`: it looks at these
        nodes against ground, per unit of that kV; None for the branches of the DER, per unit of its rated voltage.
    """

    name: str
    der: str
    der_kind: InverterKind = "pv"
    volt_var_v_pu: tuple[float, ...] = ()
    volt_var_q_share: tuple[float, ...] = ()
    volt_watt_v_pu: tuple[float, ...] = ()
    volt_watt_p_share: tuple[float, ...] = ()
    charge_watt_v_pu: tuple[float, ...] = ()
    charge_watt_p_share: tuple[float, ...] = ()
    watt_var_p_share: tuple[float, ...] = ()
    watt_var_q_share: tuple[float, ...] = ()
    watt_pf_p_share: tuple[float, ...] = ()
    watt_pf: tuple[float, ...] = ()
    q_base: ReactiveBase = "headroom"
    p_base_kw: float | None = None
    q_high_kvar: float | None = None
    q_low_kvar: float | None = None
    least_p_kw: float = 0.0
    full_q_kw: float = 0.0
    yields: Yielding = "q"
    keeps_power_factor: bool = False
    watched_rule: SharedRule = "mean"
    watched_bus: str | None = None
    watched_nodes: Nodes | None = None
    watched_kv: float | None = None


CURVES = (
    ("volt_var_v_pu", "volt_var_q_share"),
    ("volt_watt_v_pu", "volt_watt_p_share"),
    ("charge_watt_v_pu", "charge_watt_p_share"),
    ("watt_var_p_share", "watt_var_q_share"),
    ("watt_pf_p_share", "watt_pf"),
)
"""The curves of an `InverterControl`: what goes in, and what comes out."""
