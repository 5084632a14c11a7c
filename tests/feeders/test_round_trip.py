"""A feeder saved as tables and read again is equal in every field, its notes with code, severity and remedy among them.

Run folders rest on this: the feeder that a study was asked of is kept in them as tables, and nowhere else.
"""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
import pytest

from builders import behind_delta, random_feeder, two_bus, two_wire, with_generators
from tieline.errors import TielineError
from tieline.feeders import Feeder, library_names, load_feeder, load_tables, save_tables
from tieline.feeders.elements import LineCode, Matrix, Nodes, Transformer, Winding
from tieline.feeders.problems import require_sound

FILES = ("feeders/ieee13/IEEE13Nodeckt.dss", "feeders/matpower/*.m", "field-cases/*.m")
FURTHER_FILES = ("field-cases/*.json", "field-cases/*.dss")
FIELD_SIZE = 2
"""Rows of every table, conductors of every line and windings of every transformer that are drawn."""


def require_equal_again(feeder: Feeder, folder: Path) -> None:
    save_tables(feeder, folder)
    again = load_tables(folder)
    changed = [
        field.name
        for field in dataclasses.fields(Feeder)
        if getattr(again, field.name) != getattr(feeder, field.name)
    ]
    assert changed == []


@pytest.mark.parametrize("name", library_names())
def test_bundled_feeders(name: str, tmp_path: Path) -> None:
    feeder = load_feeder(name)
    require_equal_again(feeder, tmp_path / "saved")
    assert load_feeder(tmp_path / "saved") == feeder


def test_files_of_other_formats(shared_dir: Path, tmp_path: Path) -> None:
    """Whatever can be read can be kept; and being checked a second time changes no note."""
    paths = [
        path
        for pattern in (*FILES, *FURTHER_FILES)
        for path in shared_dir.glob(pattern)
    ]
    count = 0
    for k, path in enumerate(sorted(paths)):
        try:
            feeder = load_feeder(path)
        except TielineError:  # cannot be used, and says so: not what is looked at here
            continue
        require_equal_again(feeder, tmp_path / str(k))
        assert load_feeder(tmp_path / str(k)) == feeder, path
        count += len(feeder.notes) > 0
    assert count >= 10, "feeders with notes are the ones that matter"


@pytest.mark.parametrize("seed", range(10))
def test_random_feeders(seed: int, tmp_path: Path) -> None:
    feeder = require_sound(
        with_generators(random_feeder(seed, 12, n_loops=seed % 3), 3, 50.0)
    )
    require_equal_again(feeder, tmp_path / "saved")


@pytest.mark.parametrize("make", [two_bus, two_wire, behind_delta])
def test_feeders_built_by_hand(make: Any, tmp_path: Path) -> None:
    require_equal_again(require_sound(make()), tmp_path / "saved")


@pytest.mark.parametrize("seed", range(60))
def test_any_value_of_any_field(seed: int, tmp_path: Path) -> None:
    """Every field of every element drawn by its type, so a field that is added later is drawn too; the feeder means nothing."""
    feeder = drawn(Feeder, np.random.default_rng(seed), "feeder")
    codes = {line.code.name: line.code for line in feeder.lines}
    lines = [
        dataclasses.replace(
            line, code=codes[line.code.name], from_nodes=(1, 2), to_nodes=(2, 1)
        )
        for line in feeder.lines
    ]
    require_equal_again(feeder.replace(lines=tuple(lines)), tmp_path / "saved")


def drawn(kind: Any, rng: np.random.Generator, name: str) -> Any:
    """A value of a dataclass, each field by its type; `name` begins the names in it."""
    hints = typing.get_type_hints(kind)
    values = {
        field.name: value_of(hints[field.name], rng, f"{name} {field.name}")
        for field in dataclasses.fields(kind)
    }
    if kind is Feeder:
        values["load_model"] = str(rng.choice(["zip", "opendss-band"]))
    return kind(**values)


def value_of(hint: Any, rng: np.random.Generator, name: str) -> Any:
    """A value of a type hint; None now and then where it may be."""
    options = [part for part in get_args(hint) if part is not NoneType]
    if get_origin(hint) in (Union, UnionType):
        return None if rng.random() < 0.3 else value_of(options[0], rng, name)
    if get_origin(hint) is Literal:
        return options[int(rng.integers(len(options)))]
    if dataclasses.is_dataclass(hint):
        return drawn(hint, rng, name)
    if hint == Nodes:
        return tuple(int(node) for node in rng.integers(0, 5, FIELD_SIZE))
    if hint == Matrix:
        return tuple(
            tuple(number(rng) for _ in range(FIELD_SIZE)) for _ in range(FIELD_SIZE)
        )
    if get_origin(hint) is tuple:
        count = FIELD_SIZE if options[-1] is Ellipsis else len(options)
        return tuple(value_of(options[0], rng, f"{name} {k}") for k in range(count))
    return plain(hint, rng, name)


def plain(hint: Any, rng: np.random.Generator, name: str) -> Any:
    if hint is bool:
        return bool(rng.random() < 0.5)
    if hint is int:
        return int(rng.integers(-3, 40))
    if hint is float:
        return number(rng)
    assert hint is str
    return str(rng.choice([f'{name}, "quoted"', f"{name}é", f"{name}'#;|"])).lower()


def number(rng: np.random.Generator) -> float:
    """Zero, whole, tiny, huge, or any."""
    return float(
        rng.choice([0.0, 1.0, -1e-300, 1e300, rng.normal(), rng.normal() * 1e6])
    )


def test_the_drawing_reaches_every_field() -> None:
    feeders = [
        drawn(Feeder, np.random.default_rng(seed), "feeder") for seed in range(60)
    ]
    for kind, items in {
        Transformer: [t for feeder in feeders for t in feeder.transformers],
        Winding: [
            w for feeder in feeders for t in feeder.transformers for w in t.windings
        ],
        LineCode: [line.code for feeder in feeders for line in feeder.lines],
    }.items():
        for field in dataclasses.fields(kind):
            assert len({getattr(item, field.name) for item in items}) > 1, field.name
