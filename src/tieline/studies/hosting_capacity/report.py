"""The hosting-capacity report: the answer, what broke, and what was assumed; its figures and tables are in `telling.sections`."""

from __future__ import annotations

import pandas as pd

from tieline.feeders import Feeder
from tieline.profiles.told import tell_loads, tell_sun
from tieline.reports.html import Block, Report, Section, Table, Text
from tieline.reports.numbers import format_number
from tieline.settings.broken_before import RULE
from tieline.settings.limits import KINDS
from tieline.studies.broken_before import broken_before_section
from tieline.studies.feeder_ders import tell_own_ders
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.headline import headline
from tieline.studies.hosting_capacity.telling import sections as parts
from tieline.studies.hosting_capacity.telling.capacity import (
    how_much,
)
from tieline.studies.inverters import CURVE, KVA_PER_KW
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a hosting-capacity result says."""
    config = result.config
    assert isinstance(config, HostingCapacityConfig)
    feeder = result.feeder
    unused = ()
    if config.time == "snapshot":
        unused = ("profiles",)
    return Report(
        headline(result),
        sections=[
            how_much(result, config),
            parts.where_it_breaks(result, config, feeder),
            parts.how_sure(result, config),
            parts.voltages(result, config, feeder),
            *parts.what_if(result, config),
            *parts.estimates(result),
            *broken_before_section(result),
            _assumptions(config, feeder),
        ],
        facts={"power flows": result.metrics["n_power_flows"]},
        unused=unused,
    )


def _assumptions(config: HostingCapacityConfig, feeder: Feeder) -> Section:
    texts = [
        *_time(config, feeder),
        _limits(config),
        _controls(config),
        _inverter(config),
        *_own_der(config, feeder),
        _left_out(config),
    ]
    blocks: list[Block] = [Text(text) for text in texts]
    if config.placement != "uniform":
        classes = pd.DataFrame(
            [customer.model_dump() for customer in config.customer_classes]
        )
        headings = {"name": "customer", "up_to_load_kw": "load up to [kW]"}
        caption = "PV sizes drawn at a site, by its nominal load; an assumption to be replaced by the utility's records."
        blocks.append(Table(classes, caption, headings))
    if feeder.origin:
        blocks.append(Text(f"Figures of the feeder: {feeder.origin}."))
    return Section("What was assumed", blocks)


def _time(config: HostingCapacityConfig, feeder: Feeder) -> list[str]:
    if config.time == "snapshot":
        return [
            "One snapshot: every PV system delivers its rated power while the load is light."
        ]
    profiles = config.drawn_profiles
    return [
        tell_loads(feeder, profiles, config.load_table),
        tell_sun(feeder, profiles, config.sun_table),
        "All PV systems are under the same sky; what is drawn is drawn for every deployment. A deployment violates if any step "
        "does.",
    ]


def _limits(config: HostingCapacityConfig) -> str:
    limits = config.limit_numbers
    listed = [
        f"{kind.words} {'above' if kind.side > 0 else 'below'} {format_number(limits.number(kind))} {kind.unit}"
        for kind in limits.kinds
    ]
    off = [kind.words for kind in KINDS if kind not in limits.kinds]
    unused = ""
    if off:
        unused = f" Not looked at: {', '.join(off)}."
    return (
        f"A limit breaks at: {'; '.join(listed)}. Voltages count at every node (between phases on a section without connection "
        f"to ground). {RULE}{unused}"
    )


def _controls(config: HostingCapacityConfig) -> str:
    return {
        "feeder": "Regulators and switched capacitors act in every case until they rest.",
        "hold": "Regulators and capacitors stay where they rest before PV is added under the same load.",
        "off": "Regulators and capacitors stay as the feeder states them.",
    }[config.controls]


def _inverter(config: HostingCapacityConfig) -> str:
    words = {
        "unity": "PV works at unity power factor.",
        "power-factor": f"PV works at power factor {config.power_factor:g}, absorbing.",
        "volt-var": "PV follows the default volt-var curve of IEEE 1547-2018, category B.",
    }[config.inverter]
    if config.inverter != "volt-var" and config.what_if == "off":
        return words
    points = zip(CURVE.v_pu, CURVE.q_share, strict=True)
    curve = ", ".join(f"{q * 100:g} % at {v:g} pu" for v, q in points)
    return (
        f"{words} Where volt-var is asked for, the curve is {curve} of rated kVA, inverters are {KVA_PER_KW:.3f} kVA per kW, and "
        "no active power is given up."
    )


def _own_der(config: HostingCapacityConfig, feeder: Feeder) -> list[str]:
    if not feeder.ders:
        return []
    snapshot = (
        "PV, storage and generators that the feeder has of its own run as stated."
    )
    run = snapshot
    if config.time != "snapshot":
        run = tell_own_ders(feeder)
    return [f"{run} They do not count as penetration and are there before PV is added."]


def _left_out(config: HostingCapacityConfig) -> str:
    moving = "" if config.time == "snapshot" else ", moving averages of loading"
    return f"Left out: protection, flicker, harmonics, the response of controls over time{moving}."
