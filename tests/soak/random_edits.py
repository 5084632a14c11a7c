"""Random edits of feeders, as a script of its own: a crash of compiled code must not take the tests with it.

    python random_edits.py FIRST_SEED COUNT

Each draw spoils a feeder in one to three places: an element's field takes junk or the value of another element, a bus goes, an
element comes twice, a solve gets junk. The draw is answered if an error of tieline with a message comes, or a solution whose
currents balance. The last line is JSON: how many draws ended how, and those that did not.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import math
import sys
import traceback
import warnings
from typing import Any

import numpy as np

from tieline import Network, load_feeder, solve
from tieline.errors import TielineError
from tieline.feeders.elements import (
    Bus,
    Generator,
    Load,
    Pv,
    Shunt,
    Storage,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.powerflow import Solution
from tieline.units import S_BASE_KVA

LISTS = (
    *(
        "buses",
        "sources",
        "lines",
        "transformers",
        "regulators",
        "capacitors",
        "capacitor_controls",
    ),
    *("loads", "pvs", "storages", "generators", "shunts"),
)
JUNK: tuple[Any, ...] = (
    *(None, True, "", "x", "nowhere", "wye", "delta", [1, 2], {}, object()),
    *(
        -1,
        0,
        1,
        2,
        3,
        7,
        10**9,
        0.0,
        -0.5,
        0.5,
        1e-300,
        1e-12,
        1e12,
        1e300,
        math.nan,
        math.inf,
        -math.inf,
    ),
    *(
        (),
        (0,),
        (1,),
        (1, 0),
        (1, 2),
        (1, 2, 3),
        (3, 2, 1, 0),
        (1, 2, 3, 4),
        (9, 0),
        (-1, 0),
        (1, 1),
        (1.0, 0),
        ((0.1,),),
    ),
    *(np.int64(2), np.float64(0.3), np.array([1.0, 2.0]), 1 + 2j),
)
BALANCED = 1e-4
"""Share of the source's power (of 1 MVA if that is more) by which a solution with voltages right to 1e-8 pu may not balance."""


def feeders() -> list[Feeder]:
    """Feeders that hold every kind of element, and one that is a single-phase equivalent."""
    three_phase = load_feeder("ieee13")
    service = Transformer(
        "service",
        1,
        (
            Winding("671", (1, 0), "wye", 2.4, 50.0, 0.6),
            Winding("home", (1, 0), "wye", 0.12, 50.0, 1.2),
            Winding("home", (0, 2), "wye", 0.12, 50.0, 1.2),
        ),
        (2.0, 2.0, 1.4),
    )
    return [
        three_phase.replace(
            buses=(*three_phase.buses, Bus("home", (1, 2), 0.208)),
            transformers=(*three_phase.transformers, service),
            loads=(
                *three_phase.loads,
                Load("oven", "home", (1, 2), "delta", 0.24, 3.0, 0.5),
            ),
            pvs=(Pv("roof", "675", (1, 2, 3, 0), "wye", 2.4, 300.0, 330.0, 200.0),),
            storages=(
                Storage(
                    "battery",
                    "680",
                    (1, 2, 3),
                    "delta",
                    4.16,
                    100.0,
                    400.0,
                    120.0,
                    200.0,
                ),
            ),
            generators=(
                Generator(
                    "diesel", "633", (1, 2, 3, 0), "wye", 2.4, 200.0, 100.0, 20.0
                ),
            ),
            shunts=(Shunt("earth", "632", (1, 0), "wye", 2.4, 1.0, 0.5),),
        ),
        load_feeder("ieee33"),
    ]


def main(first_seed: int, count: int) -> int:
    """Run the draws; the exit code is 1 if any has no answer."""
    whole = feeders()
    ends: collections.Counter[str] = collections.Counter()
    faults = []
    for seed in range(first_seed, first_seed + count):
        # the last one printed is the one that crashed
        print(seed, end=" ", file=sys.stderr, flush=True)
        try:
            ends[_end(np.random.default_rng(seed), whole)] += 1
        except Exception:  # noqa: BLE001 (every one is a fault to be counted)
            faults.append(f"seed {seed}: {traceback.format_exc()}")
    print(json.dumps({"ends": ends, "faults": faults}))
    return bool(faults)


def _end(random: np.random.Generator, whole: list[Feeder]) -> str:
    """How one draw ends; raises what no user should see."""
    feeder = whole[random.integers(len(whole))]
    try:
        for _ in range(random.choice([1, 1, 1, 2, 3])):
            feeder = _edit(random, feeder)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            solution = solve(Network.from_feeder(feeder), **_inputs(random, feeder))
    except TielineError as error:
        return type(error).__name__ if str(error) else "error without a message"
    solved = solution.converged
    assert np.isfinite(solution.v_pu[solved]).all(), "a solution has voltages"
    with np.errstate(invalid="ignore"):  # scenarios without an answer hold NaN
        _require_balance(solution)
    return "solved" if solved.all() else "not converged"


def _require_balance(solution: Solution) -> None:
    """What the source delivers goes into loads, less what DERs give, and into lines, transformers, capacitors and shunts."""
    is_element = np.array([kind != "source" for kind, _ in solution.network.elements])
    taken_kva = (
        solution.element_loss_kva[:, is_element].sum(axis=1)
        + solution.load_kva.sum(axis=1)
        - solution.der_kva.sum(axis=1)
    )
    missing_kva = np.abs(solution.source_kva - taken_kva)[solution.converged]
    allowed_kva = (
        BALANCED
        * np.maximum(np.abs(solution.source_kva), S_BASE_KVA)[solution.converged]
    )
    assert (missing_kva <= allowed_kva).all(), (
        f"power balances: {missing_kva} kVA are missing"
    )


def _edit(random: np.random.Generator, feeder: Feeder) -> Feeder:
    """The feeder with one thing changed."""
    name = LISTS[random.integers(len(LISTS))]
    held = getattr(feeder, name)
    elements = list(held) if isinstance(held, tuple) else []
    what = random.choice(
        ["field", "field", "field", "swap", "delete", "double", "feeder"]
    )
    if what == "feeder" or not elements:
        field = _pick(random, [field.name for field in dataclasses.fields(Feeder)])
        return feeder.replace(**{field: _pick(random, JUNK)})
    k = int(random.integers(len(elements)))
    if what == "delete":
        del elements[k]
    elif what == "double":
        elements.append(elements[k])
    else:
        elements[k] = _spoilt(random, elements[k], elements if what == "swap" else None)
    return feeder.replace(**{name: tuple(elements)})


def _spoilt(random: np.random.Generator, element: Any, donors: list[Any] | None) -> Any:
    """An element with one field changed: to junk, or to that of another element of its kind; or a part of it, likewise."""
    if not dataclasses.is_dataclass(element) or isinstance(element, type):
        return _pick(random, JUNK)
    field = _pick(random, [field.name for field in dataclasses.fields(element)])
    value = getattr(element, field)
    if donors is not None:
        donor = _pick(random, donors)
        value = getattr(donor, field, value)
    elif dataclasses.is_dataclass(value) and random.random() < 0.8:
        value = _spoilt(random, value, None)
    elif isinstance(value, tuple) and value and random.random() < 0.6:
        value = _spoilt_part(random, value)
    else:
        value = _junk_like(random, value)
    return dataclasses.replace(element, **{field: value})


def _junk_like(random: np.random.Generator, value: Any) -> Any:
    """Junk of the type of a value, which gets further than junk of any type, in most draws."""
    if isinstance(value, float) and random.random() < 0.4:
        return value * _pick(random, [-1.0, 0.0, 1e-9, 0.1, 3.0, 1e6])
    alike = [junk for junk in JUNK if type(junk) is type(value)]
    return _pick(random, alike if alike and random.random() < 0.8 else JUNK)


def _spoilt_part(
    random: np.random.Generator, parts: tuple[Any, ...]
) -> tuple[Any, ...]:
    """A tuple with one of its parts spoilt or missing."""
    k = int(random.integers(len(parts)))
    if random.random() < 0.3:
        return (*parts[:k], *parts[k + 1 :])
    return (*parts[:k], _spoilt(random, parts[k], None), *parts[k + 1 :])


def _inputs(random: np.random.Generator, feeder: Feeder) -> dict[str, Any]:
    """Now and then an input of `solve` that may fit or not."""
    if random.random() < 0.8:
        return {}
    name = _pick(
        random,
        [
            "load_scale",
            "load_kw",
            "der_kw",
            "taps",
            "line_closed",
            "capacitor_steps",
            "source_pu",
            "start_pu",
        ],
    )
    shape = tuple(random.integers(0, 5, random.integers(0, 3)))
    width = {
        "line_closed": len(feeder.lines),
        "taps": len(feeder.regulators),
        "der_kw": len(feeder.ders),
    }.get(name)
    shape = shape if width is None or random.random() < 0.3 else (*shape[:1], width)
    values = random.choice([0.0, 1.0, 1.0, 2.0, -1.0, math.nan, 1e30], shape)
    return {name: values if random.random() < 0.9 else _pick(random, JUNK)}


def _pick(random: np.random.Generator, choices: Any) -> Any:
    return choices[int(random.integers(len(choices)))]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
