"""The configuration as a `Problem` of `opf`: one hour, positions of regulators and capacitors held, limits from ratings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.feeders.unread_costs import unread_source_cost
from tieline.network import Network
from tieline.opf import (
    BranchLimit,
    DerInputs,
    FlexibleInputs,
    Problem,
    StorageInputs,
    make_problem,
)
from tieline.opf.branch_limits import rated_limits
from tieline.powerflow import solve
from tieline.settings.short_texts import parse_flows, parse_numbers
from tieline.studies.line_ratings import with_line_ratings
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.world.asked_ders import ask_ders

USUAL_PRICE = 0.1
"""What energy costs is the user's to say; a round number of the usual size in many currencies stands in for it."""


def make_question(feeder: Feeder, config: OptimalPowerFlowConfig) -> Problem:
    """What an optimiser is asked about a feeder.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder.
        NotConvergedError: if regulators are to act first and the feeder has no solution as it stands.
    """
    deciders = ask_ders(feeder, config)
    rated = with_line_ratings(deciders.feeder, config.line_rating_a)
    limits = branch_limits(rated, config)
    network = Network.from_feeder(rated)
    scale = config.load_pct / 100
    devices = network.devices
    loads = devices.n_loads
    return make_problem(
        network,
        price=source_price(rated, config),
        load_kw=devices.p_kw[:loads] * scale,
        load_kvar=devices.q_kvar[:loads] * scale,
        cost=deciders.cost,
        v_min_pu=config.band_pu[0],
        v_max_pu=config.band_pu[1],
        branch_limits=limits,
        neutral_v=config.limit_numbers.neutral_v,
        ders=DerInputs(
            p_min_kw=deciders.limits.p_min_kw,
            p_max_kw=deciders.limits.p_max_kw,
            cost_square=config.cost_square,
        ),
        storage=StorageInputs(stored_end_kwh=_stored_end_kwh(rated, config)),
        flexible=FlexibleInputs(
            is_flexible=config.load_value is not None, value=config.load_value or 0.0
        ),
        **_positions(network, config),
    )


def source_price(feeder: Feeder, config: OptimalPowerFlowConfig) -> float:
    """What is given, what the feeder knows, or the usual [currency/kWh]; raises `InputError` if the file's own was left out."""
    if config.price is not None:
        return config.price
    unread = unread_source_cost(feeder)
    if unread is not None:
        raise InputError(f"No optimum without the price at the source: {unread}")
    cost = feeder.source.cost_per_kwh
    return USUAL_PRICE if cost is None else cost


def _stored_end_kwh(
    feeder: Feeder, config: OptimalPowerFlowConfig
) -> list[float] | None:
    """Least stored energy after the hour; a storage that may not be controlled does what it does."""
    if config.storage == "free":
        return None
    # of one that discharges as stated, as much at the end as now would leave nothing feasible
    return [unit.stored_kwh if unit.controllable else 0.0 for unit in feeder.storages]


def branch_limits(
    feeder: Feeder, config: OptimalPowerFlowConfig
) -> tuple[BranchLimit, ...]:
    """Limits of lines and transformers: their ratings, and those given in their place.

    Raises:
        InputError: if a name is unknown; names each.
    """
    named = {
        "line": parse_numbers(config.line_limits),
        "transformer": parse_numbers(config.transformer_limits),
    }
    _require_elements(feeder, named)
    numbers = config.limit_numbers
    shares_pct = {"line": numbers.line_pct, "transformer": numbers.transformer_pct}
    limits = []
    for rated in rated_limits(feeder):
        share_pct = shares_pct[rated.kind]
        # A limit that is named takes the place of the rating; without a share ratings limit nothing.
        if share_pct is not None and rated.name.lower() not in named[rated.kind]:
            limits.append(rated.scaled(share_pct / 100))
    limits += [
        BranchLimit("line", name, a=limit_a) for name, limit_a in named["line"].items()
    ]
    limits += [
        BranchLimit("transformer", name, kva=limit_kva)
        for name, limit_kva in named["transformer"].items()
    ]
    return (*limits, *_flow_limits(feeder, config))


def _flow_limits(
    feeder: Feeder, config: OptimalPowerFlowConfig
) -> Iterator[BranchLimit]:
    """Limits in kW with a direction, of a line or, where no line has the name, of a transformer."""
    # no flag says the kind here: a line goes before a transformer of the same name
    lines = {line.name.lower() for line in feeder.lines}
    flows = parse_flows(config.flow_limits)
    kinds: dict[str, Literal["line", "transformer"]] = {
        name: "line" if name in lines else "transformer" for name in flows
    }
    names = lines | {transformer.name.lower() for transformer in feeder.transformers}
    unknown = [name for name in flows if name not in names]
    if unknown:
        where = f"of feeder '{feeder.name}'"
        messages = [
            unknown_name_message("line or transformer", name, names, where)
            for name in unknown
        ]
        raise InputError("\n".join(messages))
    for name, (forward_kw, reverse_kw) in flows.items():
        yield BranchLimit(
            kinds[name], name, forward_kw=forward_kw, reverse_kw=reverse_kw
        )


def _require_elements(feeder: Feeder, named: dict[str, dict[str, float]]) -> None:
    elements = {
        "line": [line.name.lower() for line in feeder.lines],
        "transformer": [
            transformer.name.lower() for transformer in feeder.transformers
        ],
    }
    problems = []
    where = f"of feeder '{feeder.name}'"
    for kind, limits in named.items():
        names = elements[kind]
        unknown = [name for name in limits if name not in names]
        problems += [unknown_name_message(kind, name, names, where) for name in unknown]
    if problems:
        raise InputError("\n".join(problems))


def _positions(network: Network, config: OptimalPowerFlowConfig) -> dict[str, Any]:
    """Taps and capacitor steps at rest before the DERs act; nothing if the feeder's own are held or nothing can move."""
    feeder = network.feeder
    if config.controls == "off" or not feeder.has_controls:
        return {}
    # The optimisers have no discrete steps: controls act once before, and are held while set-points are sought.
    before = solve(network, load_scale=config.load_pct / 100)
    positions: dict[str, Any] = {"taps": np.asarray(before.taps[0])}
    if feeder.capacitors:
        positions["capacitor_steps"] = before.capacitor_steps[0]
    return positions
