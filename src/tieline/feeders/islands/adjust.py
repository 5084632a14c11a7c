"""What an island changes in its feeder: loads of constant power, ratings of line codes, longer or shorter lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.errors import InputError, unknown_name_message
from tieline.feeders.elements import CONSTANT_POWER, Line, LineCode, Load, Matrix
from tieline.feeders.feeder import Feeder
from tieline.feeders.islands.config import IslandConfig


def adjusted(island: Feeder, config: IslandConfig) -> Feeder:
    """The island as its configuration has it, before any equivalent: ratings are those of conductors.

    Raises:
        InputError: for a line code that the island does not have; names each.
    """
    codes = {line.code.name: line.code for line in island.lines}
    _require_codes(config, codes)
    new_codes = {name: _code(code, config) for name, code in codes.items()}
    loads = island.loads
    if config.constant_power_loads:
        loads = tuple(_constant_power(load) for load in loads)
    return island.replace(lines=tuple(_lines(island, new_codes)), loads=loads)


def _require_codes(config: IslandConfig, codes: dict[str, LineCode]) -> None:
    problems = [
        unknown_name_message("line code", name, codes, "of the island")
        for name in config.code_rating_a
        if name not in codes
    ]
    if problems:
        raise InputError("\n  ".join(["code_rating_a:", *problems]))


def _lines(island: Feeder, new_codes: dict[str, LineCode]) -> Iterator[Line]:
    for line in island.lines:
        yield replace(line, code=new_codes[line.code.name])


def _code(code: LineCode, config: IslandConfig) -> LineCode:
    factor = config.impedance_factor
    return replace(
        code,
        r_ohm_per_km=_times(code.r_ohm_per_km, factor),
        x_ohm_per_km=_times(code.x_ohm_per_km, factor),
        rating_a=config.code_rating_a.get(code.name, code.rating_a),
    )


def _times(matrix: Matrix, factor: float) -> Matrix:
    # as they are, digit by digit, where nothing changes
    if factor == 1.0:
        return matrix
    return tuple(tuple(value * factor for value in row) for row in matrix)


def _constant_power(load: Load) -> Load:
    return replace(load, zip_p=CONSTANT_POWER, zip_q=CONSTANT_POWER, exponents=None)
