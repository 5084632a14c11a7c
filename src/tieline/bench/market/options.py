"""What the benchmark of the market can be asked. Each of its parts takes minutes and can be left out."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions

CASE = "ieee123"
"""The published case whose days and games are measured."""

DEFAULT_DERS = 100


class Options(BenchOptions):
    """Days, unseen games, feeders of the growth curve, and whose policies are judged."""

    feeders: tuple[str, ...] = Field(
        default=("ieee123",),
        description="Feeders of the growth curve, bundled names or paths, each with `:N` behind it for N DERs instead of "
        f"{DEFAULT_DERS}.",
    )
    growth: bool = Field(default=True, description="Measure the growth curve.")
    seeds: int = Field(
        default=5,
        ge=0,
        le=100,
        description="Days of the 123-node case, of seeds 0, 1, ...; left out if 0.",
    )
    every_minutes: int = Field(
        default=10,
        ge=1,
        le=1440,
        description="Minutes between those that are cleared on these days, the first of them excepted.",
    )
    whole_day: bool = Field(
        default=True, description="Clear every minute of the first day."
    )
    held_out: int = Field(
        default=1000,
        ge=0,
        le=MOST,
        description="Unseen games of each region and kind; left out if 0.",
    )
    policies: Path | None = Field(
        default=None,
        description="Folder of `tieline train market` whose policies are judged; the shipped ones if not given.",
    )
    train: bool = Field(
        default=False,
        description="Train policies anew and judge these; takes up to an hour.",
    )
    timed_games: int = Field(
        default=1024,
        ge=0,
        le=MOST,
        description="Games of each region in a training of one seed that tells how long trainings take; left out if 0.",
    )
    ablation: int = Field(
        default=0,
        ge=0,
        le=MOST,
        description="Games of each of the short trainings that tell what each step of the method brings; left out if 0.",
    )
    published: bool = Field(
        default=True,
        description="Play the cases with published figures and set them beside ours.",
    )
