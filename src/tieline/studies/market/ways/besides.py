"""`Besides`: what stands beside a cleared minute, each every so many of them: optima, regions that agree, and that confirm."""

from __future__ import annotations

from dataclasses import dataclass

from tieline.studies.market.config import MarketConfig
from tieline.studies.market.ways.beside import Beside, Optima
from tieline.studies.market.ways.confirm import Confirmation, Regions
from tieline.studies.market.ways.consensus import Agreement, let_agree
from tieline.studies.market.ways.minute import MinuteAnswer
from tieline.studies.market.world.plant import Plant


@dataclass(frozen=True)
class Besides:
    """What stands beside a minute, None where it was not asked for."""

    optima: Beside | None
    agreement: Agreement | None
    confirmation: Confirmation | None


class Asking:
    """Asks for it in its turn.

    Attributes:
        problem: why regions cannot confirm a power flow; empty if they can, or are not asked.
    """

    def __init__(self, plant: Plant, config: MarketConfig) -> None:
        self.problem = ""
        self._config = config
        self._optima = Optima(config.ac_optimum)
        # regions around roots leave out parts of the feeder, which nobody could speak for
        self._partition = plant.microgrids.partition
        if plant.microgrids.n_regions == 1:
            # nobody to agree with, and no border to tell of
            self._partition = None
        self._regions: Regions | None = None
        if self._partition is not None and config.confirm_every:
            self._regions = Regions(plant.network, self._partition)
            self.problem = self._regions.problem

    def about(self, answer: MinuteAnswer, count: int) -> Besides:
        """What stands beside a minute, `count` being how many were cleared before it."""
        config = self._config
        clearing = answer.clearing
        optima = agreement = confirmation = None
        if _is_due(count, config.optimum_every):
            optima = self._optima.beside(clearing)
        # regions agree on active power only
        speakers = None if config.reactive_power else self._partition
        if speakers is not None and _is_due(count, config.consensus_every):
            agreement = let_agree(speakers, clearing)
        if self._regions is not None and _is_due(count, config.confirm_every):
            confirmation = self._regions.confirm(clearing)
        return Besides(optima, agreement, confirmation)


def _is_due(count: int, every: int) -> bool:
    """Whether something that is done every so many minutes comes now; 0 is never."""
    return every > 0 and count % every == 0
