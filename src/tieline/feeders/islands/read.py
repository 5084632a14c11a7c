"""`island_feeder`: from a file to the island's feeder, and the bundled islands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tieline.config_files import make_config, read_config_file
from tieline.errors import InputError, unknown_name_message
from tieline.feeders.bypass import bypass
from tieline.feeders.equivalent import equivalent
from tieline.feeders.feeder import Feeder
from tieline.feeders.islands.adjust import adjusted
from tieline.feeders.islands.config import IslandConfig
from tieline.feeders.islands.cut import cut_island
from tieline.feeders.islands.devices import with_units
from tieline.feeders.islands.like import laid_over
from tieline.feeders.load import load_feeder
from tieline.feeders.problems import require_sound

CASES = Path(__file__).parent / "cases"


def island_names() -> tuple[str, ...]:
    """Names of the bundled islands."""
    return tuple(sorted(file.stem for file in CASES.glob("*.toml")))


def island_file(name: str) -> Path | None:
    """The file of a bundled island; None if the name is not one of these."""
    if name.lower() not in island_names():
        return None
    return CASES / f"{name.lower()}.toml"


def read_island(name_or_path: str | Path) -> IslandConfig:
    """What an island file says.

    Args:
        name_or_path: a bundled island (`island_names()`) or the path of a TOML file. Feeders and tables that it
            names by path are found from the folder of the file.

    Raises:
        InputError: if there is no such island, or the file states what cannot be used.
    """
    path = _path(name_or_path)
    values = _values(path, ())
    named = {"name": path.stem, **values}
    return make_config(IslandConfig, named, what=f"Island file '{path}'")


def _values(path: Path, readers: tuple[Path, ...]) -> dict[str, Any]:
    """What an island file says, with what it takes from the island that it is like; paths begin where tieline runs."""
    if path in readers:
        chain = " -> ".join(str(reader) for reader in (*readers, path))
        raise InputError(
            f"Island '{path}' is like itself: {chain}. Name another island, or say everything in the file."
        )
    values = _with_whole_paths(read_config_file(path), path.parent)
    like = values.pop("like", None)
    if like is None:
        return values
    base = _values(_like_path(like, path.parent), (*readers, path))
    # the name is that of the island that states it
    base.pop("name", None)
    return laid_over(base, values)


def _with_whole_paths(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Values whose paths no longer begin at the folder of the file; bundled islands have none."""
    if folder == CASES:
        return values
    feeder = values.get("feeder")
    whole = dict(values)
    # a bundled name goes first, as everywhere
    if isinstance(feeder, str) and (folder / feeder).exists():
        whole["feeder"] = str(folder / feeder)
    renewables = values.get("renewable")
    if isinstance(renewables, list):
        whole["renewable"] = [_with_whole_table(unit, folder) for unit in renewables]
    return whole


def _with_whole_table(unit: Any, folder: Path) -> Any:
    """A renewable whose table of available power, if it has one, is found from anywhere."""
    available = unit.get("available") if isinstance(unit, dict) else None
    if not isinstance(available, str) or available == "sun":
        return unit
    return {**unit, "available": str(folder / available)}


def _like_path(like: Any, folder: Path) -> Path:
    beside = folder / str(like)
    if beside.suffix.lower() == ".toml" and beside.exists():
        return beside
    return _path(str(like))


def _path(name_or_path: str | Path) -> Path:
    name = str(name_or_path)
    bundled = island_file(name)
    if bundled is not None:
        return bundled
    path = Path(name_or_path)
    if path.suffix.lower() == ".toml":
        return path
    raise InputError(
        f"{unknown_name_message('island', name, island_names())} Or give the path of an island file (.toml)."
    )


def island_feeder(config: IslandConfig) -> Feeder:
    """The feeder of an island, with its units but the droop units, checked; what was left out stands in its notes.

    Raises:
        InputError: if the feeder cannot be read, or a name is unknown.
        FeederError: if the island has errors, or no single-phase equivalent where one is asked for.
    """
    feeder = load_feeder(config.feeder)
    if config.bypass:
        feeder = bypass(feeder, config.bypass)
    island = cut_island(feeder, config.root, config.open, config.close)
    # before the equivalent, in which loads that depend on voltage alike are one
    island = adjusted(island, config)
    if config.single_phase_equivalent:
        island = equivalent(island)
    named = island.replace(
        name=config.name or f"{feeder.name}-island",
        title=config.title or island.title,
        origin=config.origin or island.origin,
    )
    return require_sound(with_units(named, config))
