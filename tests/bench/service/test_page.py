"""The page of crash rounds and load: what was lost is told, and what did not befall a process is not counted as survived."""

from __future__ import annotations

from dataclasses import replace

from tieline.bench.kit.markdown import sections_to_markdown
from tieline.bench.service.load.bids import Latency, LoadTimes
from tieline.bench.service.load.queued_runs import QueueTimes
from tieline.bench.service.measure import ServiceMeasurement
from tieline.bench.service.page import page, summary


def test_a_broken_promise_is_told(crash_counts: ServiceMeasurement):
    goals = summary(crash_counts).tables[0][1].rows
    assert [row[-2:] for row in goals] == [("0", "met"), ("1", "**not met**")]
    assert "of 3 crashes and 1,234 acknowledged bids" in goals[0][0]
    assert crash_counts.problems[0] in str(page(crash_counts).sections[0])


LOAD = LoadTimes(
    rate=200,
    seconds=600,
    participants=1000,
    sent=120_000,
    taken=119_990,
    refused={"gate-closed": 10},
    fsync_ms=Latency(3.0, 4.0, 5.0, 6.0),
    latency_ms=Latency(8.0, 12.0, 19.96, 80.0),
    send_delay_ms=1.5,
    cpu_ms_a_bid=1.25,
    memory_mb=(200.0, 210.0, 214.0),
    gates={"cleared": 9, "fallback": 1},
    problems=(),
)

QUEUE = QueueTimes(
    asked=100,
    ended={"done": 99, "failed": 1},
    accepted_ms=Latency(10.0, 11.0, 12.0, 13.0),
    queue_s=61.4,
    bid_rate=20.0,
    bids=1200,
    bid_ms=Latency(9.0, 20.0, 30.0, 40.0),
    pages=50,
    page_ms=Latency(50.0, 60.0, 70.0, 80.0),
    problems=(),
)


def test_a_load_is_held_against_its_goals(crash_counts: ServiceMeasurement):
    measured = replace(crash_counts, load=LOAD, queue=QUEUE)
    goals = summary(measured).tables[0][1].rows
    verdicts = [row[-2:] for row in goals[2:]]
    assert verdicts == [
        ("20.0", "met"),
        ("1.9", "met"),
        ("0", "met"),
        ("99", "**not met**"),
        ("0", "met"),
    ]
    slow = replace(LOAD, latency_ms=Latency(8.0, 12.0, 20.4, 80.0))
    grown = replace(slow, memory_mb=(200.0, 210.0, 220.0), problems=("bid 3 is lost",))
    goals = summary(replace(crash_counts, load=grown)).tables[0][1].rows
    assert [row[-1] for row in goals[2:]] == ["**not met**"] * 3
    text = sections_to_markdown(page(measured).sections, "service")
    assert "cleared 9, fallback 1" in text
    assert "gate-closed 10" in text
    assert "61 s after the first was asked for: done 99, failed 1" in text


def test_a_page_of_the_load_alone(crash_counts: ServiceMeasurement):
    alone = replace(crash_counts, faults=(), acknowledged={}, problems=(), load=LOAD)
    titles = [section.title for section in page(alone).sections]
    assert titles == ["Promises", "Bids at a rate"]
