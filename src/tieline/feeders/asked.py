"""`asked_feeder`: the feeder that a configuration asks for, its loads answering to voltage as asked."""

from __future__ import annotations

from tieline.feeders.feeder import Feeder
from tieline.feeders.load import load_feeder
from tieline.settings.fields import LoadModelAsked


def asked_feeder(name_or_path: str, load_model: LoadModelAsked = "feeder") -> Feeder:
    """The feeder with the load model that every solve of it then has.

    Args:
        name_or_path: as in `load_feeder`.
        load_model: "zip" or "opendss-band", or "feeder" for what its file means.

    Raises:
        InputError, FeederError, MissingExtraError: as `load_feeder`.
    """
    return with_load_model(load_feeder(name_or_path), load_model)


def with_load_model(feeder: Feeder, load_model: LoadModelAsked) -> Feeder:
    """The feeder with another load model, unless its own is asked for."""
    return feeder if load_model == "feeder" else feeder.replace(load_model=load_model)
