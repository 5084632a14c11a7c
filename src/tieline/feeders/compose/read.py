"""`compose`: from a file to the composed feeder."""

from __future__ import annotations

from pathlib import Path

from tieline.config_files import make_config, read_config_file
from tieline.errors import InputError
from tieline.feeders.compose.config import Composition
from tieline.feeders.compose.join import join_parts
from tieline.feeders.feeder import Feeder
from tieline.feeders.library import ALIASES, library_names
from tieline.feeders.load import load_feeder

COMPOSITION_SUFFIX = ".toml"


def compose(composition: Composition | Path | str, folder: Path | str = ".") -> Feeder:
    """Join feeders into one.

    Args:
        composition: a composition, or the path of its file.
        folder: where paths in a composition begin; those of a file begin at the folder of the file.

    Returns:
        The composed feeder, checked, with notes of what its parts lost.

    Raises:
        InputError: if the file cannot be read or states what cannot be used, or a feeder that it names cannot be read.
        FeederError: with all that cannot be joined.
    """
    if not isinstance(composition, Composition):
        path = Path(composition)
        return compose(read_composition(path), path.parent)
    names = [part.feeder for part in composition.part]
    feeders = _load_all([composition.host, *names], Path(folder))
    host = feeders[composition.host]
    parts = [feeders[name] for name in names]
    return join_parts(host, parts, composition)


def read_composition(path: Path | str) -> Composition:
    """The composition of a TOML file, under the file's name unless it states one; raises `InputError` as `compose` does."""
    values = read_config_file(Path(path))
    return make_config(Composition, {"name": Path(path).stem, **values})


def _load_all(texts: list[str], folder: Path) -> dict[str, Feeder]:
    """Every feeder that is named, once; all that cannot be read are named together."""
    feeders: dict[str, Feeder] = {}
    problems = []
    for text in dict.fromkeys(texts):
        try:
            feeders[text] = load_feeder(_name_or_path(text, folder))
        except InputError as error:
            problems.append(f"feeder = '{text}': {error}")
    if problems:
        raise InputError("\n".join(["The composition has no feeder:", *problems]))
    return feeders


def _name_or_path(text: str, folder: Path) -> str | Path:
    if Path(text).suffix.lower() == COMPOSITION_SUFFIX:
        # a file that names itself, on whatever detour, would never end
        raise InputError(
            "a part of a composition is a feeder and no composition. Write it as one first (tieline feeders compose) and name "
            "its folder."
        )
    is_bundled = text.lower() in (*library_names(), *ALIASES)
    path = folder / text
    # where there is no such file either, the bare text gets the nearest names
    return path if not is_bundled and path.exists() else text
