"""What the cases are called in tables and figures."""

from __future__ import annotations

CASE_WORDS = {
    "none": "no battery",
    "conventional": "conventional rule",
    "mpc": "batteries alone (MPC)",
    "csocc": "cooperation (CSOCC)",
    "csocc_expected": "CSOCC, plan as expected",
    "csocc_known": "CSOCC, day known ahead",
    "bound": "central optimum (bound)",
}
"""In the order in which they are shown."""
