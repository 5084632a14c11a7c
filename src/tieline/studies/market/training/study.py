"""Train policies that choose DERs, all regions of a feeder and several seeds side by side, and hold them against rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import tieline
from tieline.agents.leader_follower.policy_file import to_bytes
from tieline.errors import MissingExtraError
from tieline.feeders import Feeder
from tieline.machine import describe_machine
from tieline.reports.remarks import approximated
from tieline.studies.answer import Answer, Metric, Tell
from tieline.studies.market.training.config import MarketTrainingConfig
from tieline.studies.market.training.held_out import AS_MARKET, hold_out
from tieline.studies.market.training.pupils import Pupils, find_pupils
from tieline.studies.market.training.size import require_size
from tieline.studies.market.world.make import make_stage
from tieline.studies.trained import PREFIX, SUFFIX

if TYPE_CHECKING:
    from tieline.agents.leader_follower.training import ChoiceTraining


def answer(feeder: Feeder, config: MarketTrainingConfig, tell: Tell) -> Answer:
    """Train.

    Returns:
        Metrics: `train_games` of each region and seed, `train_s` of all trainings together, `trainings`, `regions`; means over
        regions and seeds on unseen games: `regret_pct`, `der_hit_rate` (as the market chooses),
        `regret_alone_pct`, `der_hit_rate_alone` (one candidate), `overlap_share`, and of rules `regret_greedy_pct`,
        `der_hit_rate_greedy`, `regret_constant_pct`; tables `curves`, `held_out`, `regions`; a policy file per seed.

    Raises:
        InputError, FeederError: if the market cannot be set up on the feeder, no region has anything to choose, or it would take
            more than there is.
        MissingExtraError: if the packages for learning are missing.
    """
    tell(0, 1, "regions and their DERs")
    plant = make_stage(feeder, config)
    pupils = find_pupils(plant, config)
    require_size(pupils, config)
    training = _train(pupils, config, tell)
    held_out = hold_out(
        pupils.regions,
        training.policies,
        config.held_out,
        config.settings.agents,
        tell,
    )
    tables = _tables(pupils, training, held_out)
    metrics: dict[str, Metric] = {
        "train_games": int(training.curve["games"].max()),
        "train_s": training.train_s,
        "trainings": config.trainings,
        "regions": len(pupils.regions),
        **standing(held_out),
    }
    files = _policy_files(training, config)
    return Answer(metrics, tables, approximated(pupils.remarks), files)


def _train(pupils: Pupils, config: MarketTrainingConfig, tell: Tell) -> ChoiceTraining:
    """All regions and seeds; raises `MissingExtraError` without the packages for learning."""
    try:
        # here and not above: the packages for learning are an extra
        from tieline.agents.leader_follower.training import train_choice
    except ImportError as error:
        raise MissingExtraError(str(error.name), "learn", "Training") from None
    about = {
        "version": tieline.__version__,
        "machine": describe_machine(),
        "kind": config.kind,
    }
    return train_choice(
        pupils.regions,
        config.settings,
        config.seeds,
        config.games,
        provenance=about,
        progress=tell,
    )


def _tables(
    pupils: Pupils, training: ChoiceTraining, held_out: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    curve = training.curve
    # the curve counts regions that learn from 1, the games from 0; tables name those of the feeder
    of_curve = pupils.numbers_at(curve["region"] - 1)
    of_games = pupils.numbers_at(held_out["region"])
    return {
        "held_out": held_out.assign(region=of_games),
        "curves": curve.assign(region=of_curve),
        "regions": _region_table(pupils),
    }


def _policy_files(
    training: ChoiceTraining, config: MarketTrainingConfig
) -> dict[str, bytes]:
    """One per seed."""
    return {
        f"{PREFIX}{seed}{SUFFIX}": to_bytes(policies)
        for seed, policies in zip(config.seeds, training.policies, strict=True)
    }


def _region_table(pupils: Pupils) -> pd.DataFrame:
    rows = [
        {
            "region": number,
            "buses": len(region.model.buses),
            "ders": region.model.n_ders,
            "load_kw": region.model.scales.load_kw,
        }
        for number, region in zip(pupils.numbers, pupils.regions, strict=True)
    ]
    return pd.DataFrame(rows)


def standing(held_out: pd.DataFrame) -> dict[str, Metric]:
    """Means over regions and seeds of the table of unseen games."""
    policies = held_out[held_out["who"] == "policy"]
    as_market = held_out[held_out["who"] == AS_MARKET]
    alone = policies[policies["candidates"] == 1]
    greedy = held_out[held_out["who"] == "greedy"]
    constant = held_out[held_out["who"] == "constant"]
    return {
        "regret_pct": float(as_market["regret_pct"].mean()),
        "der_hit_rate": float(as_market["hit_rate"].mean()),
        "regret_alone_pct": float(alone["regret_pct"].mean()),
        "der_hit_rate_alone": float(alone["hit_rate"].mean()),
        "overlap_share": float(alone["overlap_share"].mean()),
        "regret_greedy_pct": float(greedy["regret_pct"].mean()),
        "der_hit_rate_greedy": float(greedy["hit_rate"].mean()),
        "regret_constant_pct": float(constant["regret_pct"].mean()),
    }
