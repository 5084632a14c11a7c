"""The OpenAPI document: what FastAPI writes, with the problem document in place of its own error bodies.

Every operation may answer that a body cannot be read or is too large, and every one that takes a key that it is missing or that
too much was asked; this is written once here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from tieline.service.web.problems import Finding, Problem, documented

ALWAYS = ("bad-request", "defect", "not-ready")
WITH_KEY = ("no-key", "too-many")
WITH_BODY = ("too-large", "not-valid")
FRAMEWORKS = ("HTTPValidationError", "ValidationError")
"""Error bodies of the framework, which this app never sends."""

REF = "#/components/schemas/{model}"


def use_own_document(app: FastAPI) -> None:
    """Let an app answer /openapi.json with this document."""
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    # made once: it does not change while the service runs
    if app.openapi_schema is None:
        app.openapi_schema = _make(app)
    return app.openapi_schema


def _make(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in FRAMEWORKS:
        schemas.pop(name, None)
    for model in (Finding, Problem):
        schemas[model.__name__] = model.model_json_schema(ref_template=REF)
        schemas[model.__name__].pop("$defs", None)
    for operation in _operations(document):
        _complete(operation)
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Add the answers that an operation has because it takes a key, parameters or a body."""
    kinds: list[str] = list(ALWAYS)
    if "security" in operation:
        kinds += WITH_KEY
    if "parameters" in operation:
        kinds.append("not-valid")
    if "requestBody" in operation:
        kinds += WITH_BODY
    responses = operation["responses"]
    for status, answer in documented(*kinds).items():
        if str(status) == "422" or str(status) not in responses:
            responses[str(status)] = _merged(responses.get(str(status)), answer)


def _merged(present: dict[str, Any] | None, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer in place of the framework's own; one of ours stays."""
    if present is None or "application/json" in present.get("content", {}):
        return answer
    return present
