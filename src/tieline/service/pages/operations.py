"""The operations of the OpenAPI document as a page shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        method, path: how it is called.
        text: what it does.
        answers: status and what it means.
        example: a body that may be sent; empty where none is.
    """

    method: str
    path: str
    text: str
    answers: list[tuple[str, str]]
    example: str


def operations(document: Document) -> dict[str, list[Operation]]:
    """All operations of a document, by their tag."""
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, content in methods.items():
            # every router has one tag, its subject
            tag = content["tags"][0]
            operation = _operation(method, path, content, document)
            by_tag.setdefault(tag, []).append(operation)
    return by_tag


def _operation(
    method: str, path: str, content: Mapping[str, Any], document: Document
) -> Operation:
    answers = [
        (status, answer["description"])
        for status, answer in sorted(content["responses"].items())
    ]
    examples = [json.dumps(example) for example in _examples(content, document)]
    return Operation(
        method=method.upper(),
        path=path,
        text=content["description"],
        answers=answers,
        example="".join(examples[:1]),
    )


def _examples(content: Mapping[str, Any], document: Document) -> Iterator[Any]:
    """Bodies that an operation may be sent."""
    media = content.get("requestBody", {}).get("content", {})
    for kind in media.values():
        name = kind["schema"]["$ref"].rpartition("/")[2]
        yield from document["components"]["schemas"][name].get("examples", [])
