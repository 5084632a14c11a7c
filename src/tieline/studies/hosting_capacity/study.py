"""Hosting capacity: draw PV at rising penetration, solve every case, find the first level at which a limit breaks.

A case is one deployment at one level: one light-load snapshot at full sun, or every step of its profiles. It violates if PV
makes any point break a limit at any step; without a solution at every step it is not judged. Each deployment has a capacity, the
highest level that it reaches before its first violation. The hosting capacity is the level that at most an accepted share of the
deployments does not reach (`judging.risk`).

The parts, in order: `world` prepares what is solved (deployments, timeline, variants); `solving` cuts the work into shards,
solves them and reads the limits; `judging` concludes level by level; `telling` says it.

Source: M. Al-Saffar, S. Zhang, A. Nassif, P. Musilek, "Assessment of photovoltaic hosting capacity of existing distribution
circuits", IEEE CCECE 2019.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator

import numpy as np

from tieline.feeders import Feeder
from tieline.studies.answer import Answer, Tell
from tieline.studies.broken_before import require_none
from tieline.studies.hosting_capacity.config import HostingCapacityConfig
from tieline.studies.hosting_capacity.judging.judgement import judge
from tieline.studies.hosting_capacity.solving.engine import Engine, open_engine
from tieline.studies.hosting_capacity.solving.reach import with_reach
from tieline.studies.hosting_capacity.solving.shards import (
    Shard,
    Tables,
    cut,
    group_size,
    merge,
    merge_cases,
)
from tieline.studies.hosting_capacity.solving.stopping import is_sure, rounds
from tieline.studies.hosting_capacity.telling.metrics import make_metrics
from tieline.studies.hosting_capacity.telling.remarks import make_remarks
from tieline.studies.hosting_capacity.telling.tables import make_tables
from tieline.studies.hosting_capacity.world.setting import Setting, prepare
from tieline.studies.result import feeder_digest
from tieline.typing import IntArray


def answer(feeder: Feeder, config: HostingCapacityConfig, tell: Tell) -> Answer:
    """Answer one hosting-capacity question.

    Args:
        feeder: on which.
        config: the question.
        tell: is told deployments done and deployments in all, keeps finished shards, and has those of an interrupted run.

    Returns:
        Metrics of `telling.metrics`, tables of `telling.tables`.

    Raises:
        InputError, FeederError: if the configuration cannot be used on the feeder, or kept shards or the cluster cannot be used.
        NotConvergedError: if the feeder has no solution even before PV is added, or no case has one.
        InfeasibleBaseError: if a limit is broken before and that is to stop it.
    """
    setting = with_reach(prepare(feeder, config))
    session = _Session(setting, tell)
    with open_engine(config, setting) as engine:
        solved = session.solve(engine)
    tables = make_tables(setting, solved)
    require_none(tables["broken_before"], feeder, config)
    n_flows = int(solved["effort"]["n_cases"].sum()) * setting.timeline.n_steps
    metrics = make_metrics(setting, tables, n_flows, session.flows_per_s)
    remarks = make_remarks(setting, tables, metrics)
    return Answer(metrics, tables, remarks)


class _Session:
    """Solves the shards that are missing, round by round, and tells how far it is."""

    def __init__(self, setting: Setting, tell: Tell):
        self._setting = setting
        self._tell = tell
        self._finished = tell.finished_parts(_question(setting))
        self._flows = 0
        self._solving_s = 0.0
        self._done = 0

    @property
    def flows_per_s(self) -> float:
        """Power flows per second of this session; NaN if every shard was there already."""
        if self._flows:
            return self._flows / self._solving_s
        return float("nan")

    def solve(self, engine: Engine) -> Tables:
        """Merged tables of all deployments that are drawn."""
        config = self._setting.config
        parts: list[Tables] = []
        counts = np.zeros((2, len(self._setting.levels_pct)), dtype=np.int64)
        self._tell_done()
        for first, last in rounds(
            config.n_deployments, stops=config.stop_width is not None
        ):
            shards = list(self._round(engine, first, last))
            parts += shards
            # Judged round by round: judging all parts anew at each look would grow with the square of the rounds.
            counts += self._count(shards)
            if config.stop_width is not None and is_sure(
                *counts, width=config.stop_width, risk=config.risk_pct / 100
            ):
                break
        return merge(parts)

    def _round(self, engine: Engine, first: int, last: int) -> Iterator[Tables]:
        n_levels = len(self._setting.levels_pct)
        size = group_size(n_levels, self._setting.timeline.n_steps)
        # Shards that an interrupted run left are taken as they are and do not count in the speed.
        missing = []
        for shard in cut(first, last, size):
            tables = self._finished.get(_name(shard))
            if tables is None:
                missing.append(shard)
            else:
                self._done += shard.n_deployments
                yield tables
        before = time.perf_counter()
        for shard, tables in engine.map(missing):
            # kept before it is counted: what the bar shows as done survives an interruption
            self._tell.keep(_name(shard), tables)
            self._done += shard.n_deployments
            n_cases = int(tables["effort"]["n_cases"].sum())
            self._flows += n_cases * self._setting.timeline.n_steps
            self._tell_done()
            yield tables
        self._solving_s += time.perf_counter() - before

    def _count(self, parts: list[Tables]) -> IntArray:
        """Violating deployments and those with an answer, of each level, (2, level)."""
        cases = merge_cases(parts)
        is_configured = cases["variant"] == self._setting.variants[0].key
        configured = cases[is_configured].reset_index(drop=True)
        judgement = judge(configured, self._setting.config.limit_numbers)
        by_level = judgement.groupby("level_pct", sort=True)
        violating = by_level["violates"].sum()
        solved = by_level["converged"].sum()
        return np.stack([violating.to_numpy(), solved.to_numpy()])

    def _tell_done(self) -> None:
        most = self._setting.config.n_deployments
        self._tell(self._done, most, "deployments")


def _question(setting: Setting) -> str:
    """Digest of the feeder and of the series read from tables: the configuration has their paths only."""
    content = hashlib.sha256(feeder_digest(setting.own).encode())
    timeline = setting.timeline
    for series in (timeline.load_pu, timeline.sun_pu):
        if series is not None:
            content.update(np.ascontiguousarray(series).tobytes())
    return content.hexdigest()


def _name(shard: Shard) -> str:
    return f"deployments-{shard.first:07d}-{shard.last:07d}"
