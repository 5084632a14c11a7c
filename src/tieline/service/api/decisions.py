"""Decisions of a study's policies and controllers, at once: a state in, safe set-points out. Nothing is stored.

A decision takes milliseconds and is made in this process; the first one of a configuration takes seconds, in which its feeder and
policies are read. One is made at a time, so that bids never wait for them. Configurations name bundled feeders, and no files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Path

from tieline.service.api.auth import Asker
from tieline.service.api.bodies.decisions import Decision, StateAsked
from tieline.service.web.places import Places, refused_fields
from tieline.service.web.problems import Finding, Refusal, documented
from tieline.studies.catalogue import find_study
from tieline.wording import FieldProblem

ROUTES = APIRouter(prefix="/v1/decisions", tags=["decisions"])

StudyName = Annotated[
    str,
    Path(
        pattern="^[a-z-]{1,40}$",
        description="battery, microgrids, reserve or restoration.",
    ),
]

ONE_AT_A_TIME = CapacityLimiter(1)


@ROUTES.post("/{study}", responses=documented("not-allowed", "not-valid", "no-answer"))
async def decide(study: StudyName, question: StateAsked, person: Asker) -> Decision:
    """Safe set-points for a state, by a study's policies or controller, or the rule in their place."""
    del person
    state = _with_underscores(question.state)
    config = _with_underscores(question.configuration)
    _require_no_files(study, config)
    decision = await to_thread.run_sync(
        _decide, study, state, config, limiter=ONE_AT_A_TIME
    )
    return Decision(study=study, decision=decision)


def _decide(
    study: str, state: Mapping[str, Any], config: Mapping[str, Any]
) -> dict[str, Any]:
    # not at the top: a service that nobody asks for decisions loads no policies
    from tieline.service.decisions.ask import decide as ask
    from tieline.service.decisions.states import StateError

    try:
        return ask(study, state, config)
    except StateError as error:
        findings = [
            Finding(where=_place(problem), message=problem.text)
            for problem in error.problems
        ]
        detail = f"{len(findings)} things are wrong with the state. Correct them and ask again."
        raise Refusal("not-valid", detail, findings) from None


def _place(problem: FieldProblem) -> str:
    """JSON pointer to what is wrong with a state."""
    return "/state" if problem.field is None else f"/state/{problem.field}"


def _with_underscores(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("-", "_"): value for name, value in values.items()}


def _require_no_files(study: str, config: Mapping[str, Any]) -> None:
    """Refuse a configuration that names anything but bundled feeders."""
    model = find_study(study).config_model
    names = [*refused_fields(model, config)]
    names += [
        name for name in (*model.INPUT_TABLES, *model.INPUT_POLICIES) if name in config
    ]
    findings = [
        Finding(
            where=f"/configuration/{name}",
            message=f"'{name}' is not for decisions. Leave it out.",
        )
        for name in names
    ]
    feeder = config.get("feeder")
    bundled = Places().bundled(model.ASKS_ISLANDS)
    if feeder is not None and str(feeder).lower() not in bundled:
        message = "A decision is asked for a bundled feeder. Name one of these."
        findings.append(Finding(where="/configuration/feeder", message=message))
    if findings:
        raise Refusal(
            "not-valid",
            "The configuration names what a decision does not take.",
            findings,
        )
