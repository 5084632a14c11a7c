"""Tables of a market run; columns carry their unit.

    regions       one region
    buses         one bus
    minutes       one cleared minute
    outputs       a minute and region
    dispatch      a minute and DER that is called or gives something
    prices        a minute, bus and phase
    borders       a minute and border
    watch         a minute and watched bus
    limits        a minute and line with a stated limit
    broken_before a place held to what it has without the market, in minutes without set-points that keep all limits
    positions     a minute and regulator or capacitor
    games         a region and who chooses, on the sampled minutes
    payments      an account, over the run
    daily_prices  a buyer's bus: sums of prices over the run
    searches      a minute, region and search with stability margin or without; only where DERs are found so
    learning      a checkpoint of a training

Regions are numbered from 1 in the order of the partition.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tieline.network.partition.power_centroids import load_kw_by_bus
from tieline.opf.settlement import CENTS, MAIN_FEEDER, OPERATOR
from tieline.settings.currency import in_currency
from tieline.studies.broken_before import outside_table
from tieline.studies.market.telling.position_table import positions_table
from tieline.studies.market.telling.price_table import daily_prices_table, prices_table
from tieline.studies.market.telling.times import minute_column
from tieline.studies.market.ways.confirm import Confirmation
from tieline.studies.market.ways.consensus import Agreement
from tieline.studies.market.ways.margin import purchase_table
from tieline.studies.market.ways.record import MinuteRecord
from tieline.studies.market.ways.run import Run
from tieline.studies.market.world.buyers import buyers
from tieline.studies.market.world.plant import Plant

REGION = "region"
ROLES = ("load", "DER", REGION, MAIN_FEEDER, OPERATOR)
"""What the names of accounts begin with."""


def make_tables(run: Run) -> dict[str, pd.DataFrame]:
    """All tables by name."""
    records = run.records
    tables = {
        "regions": _regions(run),
        "buses": _buses(run),
        "minutes": _minutes(records, run.config.currency),
        "outputs": _outputs(run),
        "dispatch": _dispatch(run.plant, records),
        "prices": prices_table(run.plant, records),
        "borders": _borders(run.plant, records),
        "watch": _watch(run),
        "limits": _limits(run),
        "broken_before": outside_table([record.kept for record in records]),
        "positions": positions_table(run.plant.feeder, records),
        "games": run.samples.table(),
        "payments": _payments(run),
        "daily_prices": daily_prices_table(
            run.plant, buyers(run.plant, run.day), records
        ),
    }
    if run.deciders.searches:
        tables["searches"] = _searches(run)
    if run.deciders.learning is not None:
        tables["learning"] = run.deciders.learning
    return tables


def _regions(run: Run) -> pd.DataFrame:
    plant = run.plant
    rated_kw = plant.of_all_ders(plant.sellers.rated_kw)
    buyer_buses = buyers(plant, run.day)
    rows = []
    for k, region in enumerate(plant.microgrids.regions):
        serves = plant.may_serve[k]
        rows.append(
            {
                "region": k + 1,
                "root": region.root,
                "buyer": buyer_buses[k],
                "buses": len(region.buses),
                "ders": int(serves.sum()),
                "load_kw": region.load_kw,
                "capacity_kw": float(rated_kw[serves].sum()),
            }
        )
    return pd.DataFrame(rows)


def _buses(run: Run) -> pd.DataFrame:
    plant = run.plant
    feeder = plant.feeder
    names = [bus.name for bus in feeder.buses]
    load_kw = load_kw_by_bus(feeder)
    der_kw = dict.fromkeys(names, 0.0)
    for der, rated_kw in zip(
        plant.der_buses, plant.of_all_ders(plant.sellers.rated_kw), strict=True
    ):
        der_kw[der] += float(rated_kw)
    watched_kw = {watch.bus: watch.p_max_kw for watch in run.watched.watches}
    roots = {region.root for region in plant.microgrids.regions}
    columns = {
        "bus": names,
        "region": [plant.microgrids.region_of.get(name, -1) + 1 for name in names],
        "load_kw": [load_kw[name] for name in names],
        "der_kw": [der_kw[name] for name in names],
        "watched_kw": [watched_kw.get(name, np.nan) for name in names],
        "is_root": [name in roots for name in names],
    }
    return pd.DataFrame(columns)


def _minutes(records: Sequence[MinuteRecord], currency: str) -> pd.DataFrame:
    cost = in_currency("cost", currency)
    return pd.DataFrame([_minute(record, cost) for record in records])


def _minute(record: MinuteRecord, cost: str) -> dict[str, object]:
    beside = record.beside
    name, _, currency = cost.partition("_")
    return {
        "minute": record.time,
        "stands_for_h": record.hours,
        "reference_price_per_kwh": record.reference_price,
        "balancing_price_per_kwh": record.balancing_price,
        "demand_kw": float(record.demand_kw.sum()),
        "der_kw": float(record.p_kw.sum()),
        "bought_kw": float(record.bought_kw.sum()),
        "relief_kw": float(record.relief_kw.sum()),
        "loss_kw": record.loss_kw,
        cost: record.cost,
        f"{name}_none_{currency}": record.cost_none,
        f"{name}_full_lp_{currency}": np.nan if beside is None else beside.full_cost,
        f"{name}_ac_opf_{currency}": np.nan if beside is None else beside.ac_cost,
        "groups": record.n_groups,
        "merged": record.is_merged,
        "violations": record.violations,
        "step": record.step,
        "repeats": record.repeats,
        "consensus_rounds": _rounds(record.agreement),
        "confirm_rounds": _rounds(record.confirmation),
        "clear_ms": record.clear_ms,
        "lp_ms": record.program_ms,
        "full_lp_ms": np.nan if beside is None else beside.full_ms,
        "lowest_pu": record.v_low_pu,
        "highest_pu": record.v_high_pu,
    }


def _rounds(of_regions: Agreement | Confirmation | None) -> float:
    """Rounds between the regions; NaN where they were not asked."""
    return np.nan if of_regions is None else float(of_regions.rounds)


def _outputs(run: Run) -> pd.DataFrame:
    parts = [_output(run, record) for record in run.records]
    return pd.concat(parts, ignore_index=True)


def _output(run: Run, record: MinuteRecord) -> pd.DataFrame:
    plant = run.plant
    names = []
    for calls in record.asked:
        buses = [plant.der_buses[k] for k in np.flatnonzero(calls).tolist()]
        names.append(" ".join(buses))
    n_regions = plant.microgrids.n_regions
    columns = {
        "minute": record.time,
        "region": np.arange(1, n_regions + 1),
        "group": record.labels + 1,
        "demand_kw": record.demand_kw,
        "der_kw": record.served_kw,
        "bought_kw": record.bought_kw,
        "import_kw": record.import_kw,
        "relief_kw": record.relief_kw,
        "chosen": names,
        "regret_pct": run.regret_pct(record),
    }
    return pd.DataFrame(columns)


def _dispatch(plant: Plant, records: Sequence[MinuteRecord]) -> pd.DataFrame:
    parts = [_dispatched(plant, record) for record in records]
    return pd.concat(parts, ignore_index=True)


def _dispatched(plant: Plant, record: MinuteRecord) -> pd.DataFrame:
    ders = np.flatnonzero(record.chosen.any(axis=0) | (record.p_kw > 0))
    buses = [plant.der_buses[k] for k in ders.tolist()]
    regions = plant.microgrids.region_of
    columns = {
        "minute": record.time,
        "der": [plant.feeder.ders[k].name for k in ders.tolist()],
        "bus": buses,
        "region": [regions.get(bus, -1) + 1 for bus in buses],
        "offer_per_kwh": record.offer[ders],
        "p_max_kw": record.p_max_kw[ders],
        "p_kw": record.p_kw[ders],
        "shared": plant.may_serve[:, ders].sum(axis=0) > 1,
    }
    return pd.DataFrame(columns)


def _borders(plant: Plant, records: Sequence[MinuteRecord]) -> pd.DataFrame:
    borders = plant.microgrids.borders
    near = np.array([border.near for border in borders], dtype=np.int64)
    far = np.array([border.far for border in borders], dtype=np.int64)
    n_minutes = len(records)
    labels = np.array([record.labels for record in records])
    columns = {
        "minute": minute_column(records, len(borders)),
        "branch": [border.branch.name for border in borders] * n_minutes,
        "near": np.tile(near + 1, n_minutes),
        "far": np.tile(far + 1, n_minutes),
        "flow_kw": np.ravel([record.border_kw for record in records]),
        "merged": np.ravel(labels[:, near] == labels[:, far]),
        "agreed": np.ravel([record.agreed for record in records]),
    }
    return pd.DataFrame(columns)


def _watch(run: Run) -> pd.DataFrame:
    watches = run.watched.watches
    parts = []
    for k, watch in enumerate(watches):
        load_kw = run.watched.load_kw[:, k]
        borders = [run.plant.microgrids.borders[border] for border in watch.borders]
        rows = []
        for record in run.records:
            labels = record.labels
            ratio = float(record.ratio[k])
            is_merged = any(labels[b.near] == labels[b.far] for b in borders)
            rows.append(
                {
                    "minute": record.time,
                    "bus": watch.bus,
                    "region": watch.region + 1,
                    "p_kw": float(load_kw[record.minute]),
                    "p_mean_kw": ratio * watch.p_max_kw,
                    "p_max_kw": watch.p_max_kw,
                    "lc": ratio,
                    "merged": is_merged,
                }
            )
        parts.append(pd.DataFrame(rows))
    return pd.concat(parts, ignore_index=True) if parts else _no_watch()


def _no_watch() -> pd.DataFrame:
    """The table of a run that watches nothing."""
    names = ["minute", "bus", "region", "p_kw", "p_mean_kw", "p_max_kw", "lc", "merged"]
    return pd.DataFrame(columns=names)


def _searches(run: Run) -> pd.DataFrame:
    """What the tree search of each region would sell by itself."""
    parts = []
    for region, chooser in run.deciders.searches.items():
        if not run.plant.may_serve[region].any():
            # nothing could be found there, and nothing was asked
            continue
        times = [
            record.time
            for record in run.records
            # merged regions are not asked one by one
            if np.count_nonzero(record.labels == record.labels[region]) == 1
        ]
        table = purchase_table(chooser, times, run.config.currency)
        table.insert(1, "region", region + 1)
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _payments(run: Run) -> pd.DataFrame:
    """What each account got over the run, below 0 where it paid; they add up to 0."""
    amount = in_currency("amount", run.config.currency)
    rows = []
    for account, cents in run.ledger.totals().items():
        role = next(role for role in ROLES if account.startswith(role))
        who = _region_name(account) if role == REGION else account
        rows.append({"who": who, "role": role.lower(), amount: cents / CENTS})
    return pd.DataFrame(rows, columns=["who", "role", amount])


def _region_name(account: str) -> str:
    """A region's account by the number that the other tables give it: the ledger counts from 0."""
    index = int(account.removeprefix(REGION))
    return f"{REGION} {index + 1}"


def _limits(run: Run) -> pd.DataFrame:
    lines = run.limited_lines
    records = run.records
    columns = {
        "minute": minute_column(records, len(lines)),
        "branch": list(lines) * len(records),
        "flow_kw": np.ravel([record.limited.flow_kw for record in records]),
        "limit_kw": np.ravel([record.limited.limit_kw for record in records]),
        "binds": np.ravel([record.limited.binds for record in records]),
    }
    return pd.DataFrame(columns)
