"""A question is checked before it is put in the queue, whole: study, configuration, feeder and files, all findings together.

`check` reads the feeder as the study would and solves nothing. The id of a run is a digest of everything that decides the answer
(study, configuration with its seed, feeder, files, version), so that the same question is the same run. Who signs the report has
no say in the answer, but stands on it, and therefore counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import tieline
from tieline.config_files import check_config
from tieline.counted import counted
from tieline.errors import InputError, unknown_name_message
from tieline.feeders.findings import FeederError
from tieline.service.store.runs import RunQuestion as AskedOfStore
from tieline.service.web.asked_feeders import AskedFeeder, read_asked
from tieline.service.web.places import Places, refused_fields
from tieline.service.web.problems import Finding, Refusal, of_feeder
from tieline.studies.catalogue import STUDIES, Study
from tieline.studies.config import StudyConfig
from tieline.studies.copies import read_inputs
from tieline.wording import FieldProblem

CONFIGURATION = "/configuration"


@dataclass(frozen=True)
class CheckedQuestion:
    """A question that a study can be asked.

    Attributes:
        study, config: what is asked.
        feeder: as it was read, with its digest.
        inputs: where the tables and policies lie that the configuration names, by field.
    """

    study: Study
    config: StudyConfig
    feeder: AskedFeeder
    inputs: Mapping[str, str]

    @cached_property
    def identity(self) -> AskedOfStore:
        """The question as the database knows it; its `run_id` is a digest of all that decides the answer."""
        contents = read_inputs(self.config.model_copy(update=dict(self.inputs)))
        files = {
            name: hashlib.sha256(content).hexdigest()
            for name, content in contents.items()
        }
        return AskedOfStore(
            study=self.study.name,
            config=self.config.model_dump(mode="json"),
            feeder=self.config.feeder,
            feeder_digest=self.feeder.sha256,
            version=tieline.__version__,
            inputs=files,
        )


def check(
    study_name: str,
    values: Mapping[str, Any],
    places: Places,
    findings_before: Sequence[Finding] = (),
) -> CheckedQuestion:
    """Check a question whole.

    Args:
        study_name: as `tieline run` has it.
        values: of its configuration, by field.
        places: what a caller may name.
        findings_before: what was found as the question was read.

    Raises:
        Refusal: with everything that was found.
    """
    findings = list(findings_before)
    study = STUDIES.get(study_name)
    config = None
    inputs: dict[str, str] = {}
    if study is None:
        message = unknown_name_message("study", study_name, STUDIES)
        findings.append(Finding(where="/study", message=message))
    else:
        config = _config(study, values, findings)
        inputs = _inputs(study.config_model, values, places, findings)
    feeder = _feeder(study, values, places, findings)
    if findings or study is None or config is None or feeder is None:
        what = counted(len(findings), "finding")
        detail = f"The question was not put in the queue: {what}. Correct what is named and ask again."
        raise Refusal("not-valid", detail, findings)
    return CheckedQuestion(study, config, feeder, inputs)


def _config(
    study: Study, values: Mapping[str, Any], findings: list[Finding]
) -> StudyConfig | None:
    """The configuration; what cannot be used of it goes to the findings."""
    config, problems = check_config(study.config_model, values)
    findings += [
        Finding(where=_pointer(problem), message=problem.text) for problem in problems
    ]
    for name in refused_fields(study.config_model, values):
        message = f"'{name}' is not for callers of a service. Leave it out."
        findings.append(Finding(where=f"{CONFIGURATION}/{name}", message=message))
    return config


def _pointer(problem: FieldProblem) -> str:
    """Where a problem is: a field of the configuration, or the whole of it."""
    if problem.field is None:
        return CONFIGURATION
    return f"{CONFIGURATION}/{problem.field}"


def _inputs(
    model: type[StudyConfig],
    values: Mapping[str, Any],
    places: Places,
    findings: list[Finding],
) -> dict[str, str]:
    """Where the files lie that a configuration names, by field; one that is not there goes to the findings."""
    inputs = {}
    for field, path in places.inputs(model, values):
        if path is not None:
            inputs[field] = str(path)
            continue
        message = f"'{field}' names no file in the folder that the service reads."
        findings.append(Finding(where=f"{CONFIGURATION}/{field}", message=message))
    return inputs


def _feeder(
    study: Study | None,
    values: Mapping[str, Any],
    places: Places,
    findings: list[Finding],
) -> AskedFeeder | None:
    """The feeder as the study would read it; read where study and configuration are wrong too, so that nothing is told late."""
    of_islands = study is not None and study.config_model.ASKS_ISLANDS
    name = values.get("feeder", _default_feeder(study))
    if not isinstance(name, str):
        return None
    try:
        feeder = read_asked(places.feeder(name, of_islands), of_islands)
        if study is not None and not study.is_power_flow:
            # raises where the feeder has several, which only a power flow can take
            _ = feeder.feeder.source
    except FeederError as error:
        findings += of_feeder(error.findings)
        return None
    except InputError as error:
        findings.append(Finding(where="/feeder", message=str(error)))
        return None
    return feeder


def _default_feeder(study: Study | None) -> str | None:
    """The feeder of a study that was asked about none."""
    if study is None:
        return None
    return study.config_model.model_fields["feeder"].default
