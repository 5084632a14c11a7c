"""Columns of MATPOWER's matrices, and the names that its functions `idx_bus`, `idx_brch`, `idx_gen`, `idx_cost` give them.

Source: MATPOWER manual, appendix B; the order in which the functions return the numbers is that of their help texts.
"""

from __future__ import annotations

COLUMNS: dict[str, list[str]] = {
    "bus": [
        "BUS_I",
        "BUS_TYPE",
        "PD",
        "QD",
        "GS",
        "BS",
        "BUS_AREA",
        "VM",
        "VA",
        "BASE_KV",
        "ZONE",
        "VMAX",
        "VMIN",
    ],
    "gen": [
        "GEN_BUS",
        "PG",
        "QG",
        "QMAX",
        "QMIN",
        "VG",
        "MBASE",
        "GEN_STATUS",
        "PMAX",
        "PMIN",
    ],
    "branch": [
        "F_BUS",
        "T_BUS",
        "BR_R",
        "BR_X",
        "BR_B",
        "RATE_A",
        "RATE_B",
        "RATE_C",
        "TAP",
        "SHIFT",
        "BR_STATUS",
        "ANGMIN",
        "ANGMAX",
    ],
}
"""Columns of the case format, version 2, that the reader uses."""

LEAST_WIDTH = {"bus": 11, "gen": 10, "branch": 11}
"""Columns without which a matrix cannot be understood."""


def _numbered(names: str, first: int = 1) -> dict[str, float]:
    return {
        name: float(number) for number, name in enumerate(names.split(), start=first)
    }


OUTPUTS: dict[str, dict[str, float]] = {
    "idx_bus": {
        **_numbered("PQ PV REF NONE"),
        **_numbered(
            "BUS_I BUS_TYPE PD QD GS BS BUS_AREA VM VA BASE_KV ZONE VMAX VMIN LAM_P LAM_Q MU_VMAX MU_VMIN"
        ),
    },
    "idx_brch": {
        **_numbered(
            "F_BUS T_BUS BR_R BR_X BR_B RATE_A RATE_B RATE_C TAP SHIFT BR_STATUS"
        ),
        **_numbered("PF QF PT QT MU_SF MU_ST", 14),
        # the function returns them behind the results, though their columns stand before
        **_numbered("ANGMIN ANGMAX", 12),
        **_numbered("MU_ANGMIN MU_ANGMAX", 20),
    },
    "idx_gen": {
        **_numbered("GEN_BUS PG QG QMAX QMIN VG MBASE GEN_STATUS PMAX PMIN"),
        **_numbered("MU_PMAX MU_PMIN MU_QMAX MU_QMIN", 22),
        # here too the order of the answers is not that of the columns
        **_numbered(
            "PC1 PC2 QC1MIN QC1MAX QC2MIN QC2MAX RAMP_AGC RAMP_10 RAMP_30 RAMP_Q APF",
            11,
        ),
    },
    "idx_cost": {
        **_numbered("PW_LINEAR POLYNOMIAL"),
        **_numbered("MODEL STARTUP SHUTDOWN NCOST COST"),
    },
}
"""What each function returns, in order."""

NAMED_COLUMNS: dict[str, float] = {
    name: number for names in OUTPUTS.values() for name, number in names.items()
}
"""All of them, as `define_constants` gives them."""
