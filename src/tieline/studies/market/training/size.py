"""What a training of the market would take, asked before its first game: an hour of learning must not end in a refusal.

At least one power flow for each agent of each game, and one for every set of DERs of every unseen game, whose J are
held together.
"""

from __future__ import annotations

from math import comb

from tieline.counted import counted
from tieline.effort import BYTES, require_memory, require_power_flows
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.held_out import OTHER_GAMES
from tieline.studies.market.training.pupils import Pupils


def require_size(pupils: Pupils, config: MarketTrainingConfig) -> None:
    """Refuse a training that would not end, or whose unseen games do not fit into memory; raises `InputError` with both."""
    n_agents = config.settings.agents
    n_regions = len(pupils.regions)
    learners = f"{counted(n_regions, 'region')} and {counted(config.trainings, 'seed')}"
    require_power_flows(
        f"{config.games:,} games of {learners}",
        config.games * n_regions * config.trainings * n_agents,
        "Ask for fewer --games or --trainings.",
    )
    n_sets = [comb(region.model.n_ders, n_agents) for region in pupils.regions]
    # those on which the constant set is found are held likewise
    n_games = max(config.held_out, OTHER_GAMES)
    sets = f"All sets of {n_agents} DERs in {n_games:,} unseen games of each region"
    remedy = "Ask for fewer --agents, --held-out games, or DERs in a region (--microgrids, --der-count)."
    require_power_flows(sets, n_games * sum(n_sets), remedy)
    # one region at a time
    require_memory(sets, n_games * max(n_sets) * BYTES, remedy)
