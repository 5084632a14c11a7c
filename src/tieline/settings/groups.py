"""Under which heading of the help a field stands: one list for all studies, so that a word is found at the same place everywhere.

A field that is not listed is a study's own question and stands under `QUESTION`, first of all but the feeder.
"""

from __future__ import annotations

from tieline.settings.limits import LIMIT_FIELDS

QUESTION = "Question"
OUTPUT = "Run folder and output"
"""Heading of the flags that say where a run comes from and goes to, and what is shown of its answer."""

GROUPS: dict[str, tuple[str, ...]] = {
    "Feeder": (
        "feeder",
        "load_model",
        "load_pct",
        "light_load_pct",
        "light_load_kvar_pct",
        "peak_load_pct",
        "reactive_pct",
        "line_rating_a",
        "controls",
    ),
    QUESTION: (),
    "DERs": (
        "ders",
        "ders_at_loads",
        "der_kw",
        "der_count",
        "sun_pct",
        "pv_pct",
        "solar",
        "solar_pct",
        "inverter",
        "power_factor",
        "reactive_power",
        "storage",
        "battery_pct",
        "battery_hours",
        "efficiency_pct",
        "soc_min_pct",
        "soc_max_pct",
        "initial_soc_pct",
        "stored_start_share",
        "stored_high_share",
        "ramp_kw_per_h",
        "last_kw",
    ),
    "Limits": (
        "limits",
        *LIMIT_FIELDS,
        "voltage_step_pct",
        "broken_before",
        "impacted_pu",
        "margin_pu",
        "reverse_limit_kw",
        "line_limits",
        "transformer_limits",
        "flow_limits",
        "line_limit_factor",
        "line_limit_least_kw",
        "loss_limit",
    ),
    "Time and profiles": (
        "time",
        "start",
        "days",
        "from_hour",
        "to_hour",
        "start_hour",
        "step_minutes",
        "every_minutes",
        "time_zone",
        "load_table",
        "sun_table",
        "price_table",
        "schedule_table",
        "extra_table",
        "available_table",
        "shapes",
        "shape_kind",
        "latitude",
        "longitude",
        "altitude_m",
        "load_noise",
        "cloudiness",
        "forecast",
        "horizon_h",
    ),
    "Costs and prices": (
        "currency",
        "price",
        "der_cost",
        "der_costs",
        "cost_square",
        "load_value",
        "offer_low",
        "offer_high",
        "offer_swing",
        "exchange_price",
        "reference_price",
        "tariff_base_per_mwh",
        "stored_value",
        "fuel_a",
        "fuel_b",
        "fuel_c",
        "fuel_price",
        "generation_cost",
        "cost_weight",
        "loss_weight",
        "deviation_weight",
    ),
    "Draws and uncertainty": (
        "seed",
        "deployments",
        "stop_width",
        "draws",
        "scenarios",
        "spread_pct",
        "der_spread_pct",
        "confidence_pct",
        "held_out",
        "sampled_minutes",
    ),
    "Policies and training": (
        "policy",
        "train",
        "trainings",
        "deciders",
        "preset",
        "methods",
        "agents",
        "games",
        "credit",
        "episodes",
        "tensorboard",
    ),
    "Processes": ("engine", "ray_address", "graph", "graph_weights"),
    OUTPUT: ("author",),
}
"""Fields by the heading of their flags, headings in the order of the help."""

HEADINGS = tuple(GROUPS)

_BY_FIELD = {name: heading for heading, names in GROUPS.items() for name in names}
# of all fields it alone says nothing of the question
_BY_FIELD["author"] = OUTPUT


def heading_of(field: str) -> str:
    """The heading of a field's flag."""
    return _BY_FIELD.get(field, QUESTION)
