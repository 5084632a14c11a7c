"""How large a run is, before it begins: what would not end or fit into memory is refused."""

from __future__ import annotations

from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.feeders import Feeder
from tieline.network.attach import site_loads
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.world.variants import variants

CASE_NUMBERS = 20
BUS_BYTES = 25
"""Columns of the case table, and bytes of a row of the bus table (see `tally`)."""

LOAD_ARRAYS = 5
"""Arrays of (step, load) that stand side by side while the profiles of a deployment are drawn: P, Q and three of their making."""

REMEDY = (
    "Raise step_pct or step_minutes, or lower max_pct, cap_pct, deployments or days."
)


def require_size(feeder: Feeder, config: HostingCapacityConfig, n_levels: int) -> None:
    """Refuse a run that is too large; raises `InputError` saying how much was asked and what the limit is."""
    is_series = config.time == "profiles"
    n_steps = config.n_steps
    steps = ""
    if is_series:
        steps = f" and {n_steps:,} time steps"
    question = f"{config.n_deployments:,} deployments at {n_levels:,} levels{steps}"
    n_cases = config.n_deployments * n_levels
    n_variants = len(variants(config, feeder))
    n_power_flows = n_cases * n_steps * n_variants
    require_power_flows(question, n_power_flows, REMEDY)
    variant_bytes = n_variants * CASE_NUMBERS * BYTES
    # buses are kept of the configured variant alone
    case_bytes = variant_bytes + len(feeder.buses) * BUS_BYTES
    pv_bytes = n_levels * len(site_loads(feeder)) * BYTES
    step_bytes = 0
    if is_series:
        step_bytes = len(feeder.loads) * LOAD_ARRAYS * BYTES
    total_bytes = n_cases * case_bytes + pv_bytes + n_steps * step_bytes
    require_memory(question, total_bytes, REMEDY)
