"""What all tasks on days of substations can be asked: the series, and in the corrected ones what giving way is paid."""

from __future__ import annotations

from pydantic import Field

from tieline.settings import Settings


class SeriesConfig(Settings):
    """Where loads come from."""

    series: str = Field(
        default="",
        description="Parquet file with the original load series (docs/learning-tasks.md says which); drawn ones if not given.",
    )
    series_seed: int = Field(
        default=0,
        ge=0,
        description="Seed of the drawn series; of loads not used with a file.",
    )


class PricedConfig(SeriesConfig):
    """What giving way and voltages count. The prices of giving way are the published ones, which count nothing there."""

    curtail_per_mwh: float = Field(
        default=50.0, ge=0, description="Paid for load curtailed [currency/MWh]."
    )
    shift_per_mwh: float = Field(
        default=10.0, ge=0, description="Paid for load put off [currency/MWh]."
    )
    outside_weight: float = Field(
        default=1000.0,
        ge=0,
        description="Weight of voltages outside the limits [currency per pu, summed over buses and half hours]; a power of ten "
        "that is enough for limits to come before money.",
    )
