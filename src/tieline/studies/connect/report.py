"""The report of a connection study: the answer, what each limit says, where, what would cure it, what was assumed."""

from __future__ import annotations

from tieline.reports.html import Report
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.connect.telling.words import (
    answer_sentence,
    binding_name,
    kw_words,
    plant_words,
)
from tieline.studies.result import Result


def report(result: Result) -> Report:
    """What the page about a connection says."""
    config = result.config
    assert isinstance(config, ConnectConfig)
    return Report(
        title=answer_sentence(result.metrics, config),
        question=_question(result, config),
        summary=_summary(result),
        sections=[],
        violations=[],
    )


def _question(result: Result, config: ConnectConfig) -> str:
    return f"May {plant_words(result.metrics, config)} of {result.feeder.name} be connected?"


def _summary(result: Result) -> list[tuple[str, object]]:
    metrics = result.metrics
    return [
        ("May be connected", metrics["allowed"]),
        ("Fits there", kw_words(metrics["capacity_kw"])),
        ("Breaks first", binding_name(metrics)),
        ("At", metrics["binding_at"] or "-"),
        ("In", metrics["binding_situation"] or "-"),
    ]
