"""`following_inverters`: what each inverter with a characteristic sees and injects in a solved scenario."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.powerflow.inverters.table import inverter_table
from tieline.powerflow.solution import Solution


@dataclass(frozen=True)
class FollowingInverter:
    """One inverter: the control and its DER, the voltage that it looks at [pu], what it injects [kW, kvar]."""

    name: str
    der: str
    v_pu: float
    p_kw: float
    q_kvar: float

    def __str__(self) -> str:
        """For example: 1.04321 pu  1912.500 kW  -231.200 kvar."""
        return f"{self.v_pu:.5f} pu  {self.p_kw:.3f} kW  {self.q_kvar:.3f} kvar"


def following_inverters(
    solution: Solution, scenario: int = 0
) -> list[FollowingInverter]:
    """Every inverter of one solved scenario that follows a characteristic; none where the DERs were given their powers."""
    if not solution.follows_curves:
        return []
    table = inverter_table(solution.network)
    seen_pu = table.seen_pu(solution.v_pu[scenario : scenario + 1])[0]
    p_kw = -solution.p_kw[scenario, table.device]
    q_kvar = -solution.q_kvar[scenario, table.device]
    columns = (seen_pu.tolist(), p_kw.tolist(), q_kvar.tolist())
    controls = solution.network.feeder.inverter_controls
    return [
        FollowingInverter(control.name, control.der, *numbers)
        for control, *numbers in zip(controls, *columns, strict=True)
    ]
