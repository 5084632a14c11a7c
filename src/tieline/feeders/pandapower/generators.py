"""Generators of a pandapower net that hold a voltage (table `gen`), away from the busbars of its sources, and the ends of its
lines of direct current (`dclines`), which `runpp` takes for generators too.

The first in service at a busbar holds its voltage with all the reactive power that this takes; others there give none, which
changes no voltage. Q is limited only where the net asks for it (`enforce_q_lims`), as in `runpp`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tieline.feeders.elements import Generator
from tieline.feeders.pandapower.busbars import busbars
from tieline.feeders.pandapower.dclines import ends_of
from tieline.feeders.pandapower.limits import rating_of, read_gen_limits
from tieline.feeders.pandapower.net import (
    TO_GROUND,
    Net,
    Row,
    kilo,
    name_some,
    number,
)
from tieline.feeders.pandapower.options import Options
from tieline.feeders.pandapower.sources import is_slack
from tieline.units import tidy


def read_generators(net: Net, options: Options) -> tuple[Generator, ...]:
    """All of them; those at a source's busbar count with the source."""
    busbar_of = busbars(net)
    fed = {busbar_of[row["bus"]] for row in net.rows("ext_grid")}
    fed |= {busbar_of[row["bus"]] for row in net.rows("gen") if is_slack(row)}
    holder_of: dict[int, Row] = {}
    generators = []
    for name, row in _named_rows(net):
        busbar = busbar_of[row["bus"]]
        if busbar in fed:
            continue
        holder = holder_of.setdefault(busbar, row)
        unit = _generator(net, name, row, options, holds=holder is row)
        generators.append(unit)
        if number(holder, "vm_pu") != number(row, "vm_pu"):
            _refuse_other_voltage(net, name)
    _note_limits(net, options, generators)
    return tuple(generators)


def _named_rows(net: Net) -> Iterator[tuple[str, Row]]:
    for row in net.rows("gen"):
        yield net.element_name("gen", row), row
    for row in net.rows("dcline"):
        line_name = net.element_name("dcline", row)
        for end, generator in ends_of(row).items():
            yield net.made_up_name("gen", f"{line_name}_{end}"), generator


def _generator(
    net: Net, name: str, row: Row, options: Options, *, holds: bool
) -> Generator:
    limits = read_gen_limits(net, row)
    p_kw = kilo(number(row, "p_mw") * number(row, "scaling", 1.0))
    # what holds a voltage needs some rating for the studies: that of its limits, or of its power
    rated_kva = kilo(number(row, "sn_mva")) or max(rating_of(limits), tidy(abs(p_kw)))
    holding: dict[str, Any] = {"held_v_pu": number(row, "vm_pu")} if holds else {}
    if holds and options.enforces_q_limits:
        holding["held_q_low_kvar"] = limits["q_low_limit_kvar"]
        holding["held_q_high_kvar"] = limits["q_high_limit_kvar"]
    return Generator(
        name,
        net.bus_names[row["bus"]],
        TO_GROUND,
        "wye",
        net.kv(row["bus"]),
        # an idle one that only holds a voltage
        rated_kva=rated_kva or 1.0,
        p_kw=p_kw,
        **holding,
        **limits,
    )


def _refuse_other_voltage(net: Net, name: str) -> None:
    net.refuse(
        "GEN",
        f"gen {name}",
        "it holds another voltage than a generator at the same busbar.",
        "Give both the same vm_pu.",
    )


def _note_limits(net: Net, options: Options, generators: list[Generator]) -> None:
    names = [unit.name for unit in generators if unit.held_v_pu is not None]
    if names and not options.enforces_q_limits:
        net.warn(
            "Q_LIMITS_FREE",
            f"gen {name_some(names)}",
            "they hold their voltage with any reactive power that it takes, as runpp has it without enforce_q_lims.",
        )
