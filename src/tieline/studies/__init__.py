"""The questions tieline answers: for each a configuration, a run and a report, side by side in one package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tieline.studies.catalogue import find_study
from tieline.studies.config import make_config

if TYPE_CHECKING:
    from tieline.studies.result import Result

__all__ = ["run_study"]


def run_study(name: str, **values: Any) -> Result:
    """Answer the question of a study.

    Args:
        name: a study, for example "hosting-capacity".
        values: fields of its configuration, for example `feeder="ieee123"`; the rest keeps its default.

    Returns:
        Metrics, tables and provenance; `save` writes the run folder.

    Raises:
        InputError: if the study, a field or a value is unknown.
    """
    study = find_study(name)
    return study.run(make_config(study.config_model, values))
