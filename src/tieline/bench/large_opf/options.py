"""What the benchmark of large optimal power flows can be asked."""

from __future__ import annotations

from pydantic import Field

from tieline.bench.kit.options import MOST, BenchOptions

FEWEST_DERS = 100
STEP = 10


class Options(BenchOptions):
    """Feeders, the largest number of DERs, and a seed."""

    feeders: tuple[str, ...] = Field(
        default=("ieee123",),
        description="Feeders, bundled names or paths. The IEEE 8500-node feeder is not bundled: give the path of its Master.dss.",
    )
    most_ders: int = Field(
        default=10_000,
        ge=1,
        le=MOST,
        description="Most DERs of a case: cases have 100, ten times as many and so on up to this.",
    )
    seed: int = Field(
        default=0, ge=0, le=MOST, description="Seed of the DERs' buses and costs."
    )

    @property
    def ders(self) -> list[int]:
        """Numbers of DERs, a case for each."""
        count = min(FEWEST_DERS, self.most_ders)
        counts = []
        while count <= self.most_ders:
            counts.append(count)
            count *= STEP
        return counts
