"""`net.user_pf_options`: options that travel with a net and overrule the defaults of `pandapower.runpp`.

Each is honoured, refused, or of no effect on the solution; one that nobody knows is named. Source: pandapower documentation,
"runpp" and "set_user_pf_options".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tieline.feeders.pandapower.net import Net

WITHOUT_EFFECT = {
    "algorithm",
    "check_connectivity",
    "delta_q",
    "init",
    "init_va_degree",
    "init_vm_pu",
    "lightsim2grid",
    "max_iteration",
    "numba",
    "only_v_results",
    "permc_spec",
    "recycle",
    "run_control",
    "tdpf_delay_s",
    "tdpf_update_r_theta",
    "tolerance_mva",
    "use_umfpack",
    "v_debug",
}
"""How the equations are solved, not which."""


@dataclass(frozen=True, slots=True)
class Options:
    """What changes the equations; the defaults are those of `runpp`.

    Attributes:
        is_pi_model: the core stands half on either side of the leakage, not between.
        voltage_depend_loads: shares of constant impedance and current count.
        consider_line_temperature: resistance at the line's temperature, else at 20 degrees.
        calculate_voltage_angles: transformers shift the phase and the grid has an angle.
        drop_open_lines: a line open at one end is open, without its charging.
        switch_rx: ratio of resistance to reactance of a switch whose impedance is given.
        enforces_q_limits: generators hold their voltage within their limits of reactive power.
        three_winding_losses: side of the core of three-winding transformers that do not say it.
    """

    is_pi_model: bool = False
    voltage_depend_loads: bool = True
    consider_line_temperature: bool = False
    calculate_voltage_angles: bool = True
    drop_open_lines: bool = False
    switch_rx: float = 2.0
    enforces_q_limits: bool = False
    three_winding_losses: str = "hv"


HONOURED = {
    "trafo_model",
    "voltage_depend_loads",
    "consider_line_temperature",
    "calculate_voltage_angles",
    "neglect_open_switch_branches",
    "switch_rx_ratio",
    "trafo3w_losses",
}

CLIPPING = {
    "enforce_p_lims": ("p_mw", "min_p_mw", "max_p_mw"),
    "enforce_q_lims": ("q_mvar", "min_q_mvar", "max_q_mvar"),
}
"""Options that move static generators into their limits: value, lowest and highest."""


def read_options(net: Net) -> Options:
    """The options of a net; what cannot be honoured is refused or noted there."""
    values = net.raw.get("user_pf_options") or {}
    if not isinstance(values, dict):
        net.refuse(
            "OPTION",
            "user_pf_options",
            "they are no names with values.",
            "Set them with pandapower.set_user_pf_options.",
        )
        return Options()
    _refuse(net, values)
    model = values.get("trafo_model", "t")
    if model not in ("t", "pi"):
        net.refuse(
            "OPTION",
            "user_pf_options",
            f"trafo_model is '{model}'.",
            "Give 't' or 'pi'.",
        )
    return Options(
        is_pi_model=model == "pi",
        voltage_depend_loads=bool(values.get("voltage_depend_loads", True)),
        consider_line_temperature=bool(values.get("consider_line_temperature", False)),
        # "auto" acts like True there too
        calculate_voltage_angles=bool(values.get("calculate_voltage_angles", True)),
        drop_open_lines=bool(values.get("neglect_open_switch_branches", False)),
        switch_rx=_switch_rx(net, values),
        enforces_q_limits=bool(values.get("enforce_q_lims", False)),
        three_winding_losses=str(values.get("trafo3w_losses", "hv")).lower(),
    )


def _switch_rx(net: Net, values: dict[str, Any]) -> float:
    value = values.get("switch_rx_ratio", 2.0)
    if isinstance(value, int | float) and math.isfinite(value):
        return float(value)
    net.refuse(
        "OPTION",
        "user_pf_options",
        f"switch_rx_ratio is '{value}'.",
        "Give a number; 2 is usual.",
    )
    return 2.0


def _refuse(net: Net, values: dict[str, Any]) -> None:
    if values.get("tdpf"):
        message = "tdpf: the temperature of lines is to follow their losses, which is not modelled."
        net.refuse(
            "OPTION",
            "user_pf_options",
            message,
            "Take tdpf out, or state temperature_degree_celsius.",
        )
    if values.get("distributed_slack"):
        message = "distributed_slack: several generators are to share what is missing, which is not modelled."
        net.refuse("OPTION", "user_pf_options", message, "Take distributed_slack out.")
    if values.get("trafo_loading", "current") != "current":
        message = f"trafo_loading is '{values['trafo_loading']}'; see the two loadings that are offered for transformers."
        net.warn("OPTION", "user_pf_options", message)
    for option, columns in CLIPPING.items():
        if values.get(option):
            _refuse_clipped(net, option, columns)
    unknown = (
        values.keys()
        - HONOURED
        - WITHOUT_EFFECT
        - CLIPPING.keys()
        - {"distributed_slack", "tdpf", "trafo_loading"}
    )
    if unknown:
        net.warn(
            "OPTION",
            "user_pf_options",
            f"unknown options {', '.join(sorted(map(str, unknown)))} are left out.",
        )


def _refuse_clipped(net: Net, option: str, columns: tuple[str, str, str]) -> None:
    """A static generator that the option would move."""
    value, low, high = columns
    for row in net.rows("sgen"):
        # an empty limit is NaN, beyond which nothing lies
        if (
            row.get(low, row[value]) > row[value]
            or row.get(high, row[value]) < row[value]
        ):
            message = f"its {value} is outside its limits, and {option} would move it."
            net.refuse(
                "OPTION",
                f"sgen {net.element_name('sgen', row)}",
                message,
                f"Set {value} to the limit.",
            )
