"""The OpenAPI document says what the service does: requests made from it, good and bad, are answered as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy, booleans, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from service_world import INTERVAL, World, open_world

from tieline.service.api.bodies.examples import RUN_QUESTION
from tieline.service.jobs import workers

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

AT_HOME = {"Host": "127.0.0.1"}

EXAMPLES = 8
"""Requests to each operation: all together take about 15 s."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with open_world(tmp_path_factory.mktemp("service")) as opened:
        # streams end at once
        opened.service.is_stopping = lambda: True
        opened.store.write(lambda c: workers.announce(c, "w1", ["run"], opened.moment))
        opened.store.write(lambda c: workers.ready(c, "w1", opened.moment))
        yield opened


@pytest.fixture(scope="module")
def run_id(world: World) -> str:
    """A run that waits."""
    return world.ask("ann", "POST", "/v1/runs", json=RUN_QUESTION).json()["run"]


GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_answers_as_the_document_says(
    world: World, run_id: str, mode: GenerationMode
):
    schema = schemathesis.openapi.from_asgi("/openapi.json", world.app, headers=AT_HOME)
    operations = [
        result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)
    ]
    assert len(operations) > 15
    for operation in operations:
        # what takes no parameter cannot be asked wrongly
        with suppress(Unsatisfiable):
            _send(world, run_id, operation.as_strategy(generation_mode=mode))


def _send(world: World, run_id: str, cases: SearchStrategy[schemathesis.Case]) -> None:
    """Send requests to one operation, with the key of an operator and of a participant in turn."""

    @GENERATED
    @given(cases, sampled_from(["ops", "ann"]), booleans())
    def send(case: schemathesis.Case, who: str, finds_its_place: bool) -> None:
        if finds_its_place:
            case.path_parameters.update(_places(run_id, case.path_parameters))
        headers = AT_HOME | {"Authorization": f"Bearer {world.keys[who]}"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()


def _places(run_id: str, names: Mapping[str, Any]) -> dict[str, str]:
    """Path parameters that lead somewhere; invented ones seldom do."""
    places = {
        "market": "minute",
        "interval": INTERVAL,
        "participant": "ann",
        "run": run_id,
    }
    return {name: places[name] for name in names if name in places}
