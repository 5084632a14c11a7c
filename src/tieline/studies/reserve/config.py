"""What a reserve run can be asked, and the two published cases, which are its default.

Source of the cases: the paper named in `tieline.envs.reserve.config`, tables II and III.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from tieline.comma_lists import Numbers, split_commas
from tieline.settings import Settings
from tieline.settings.short_texts import DerSpec, parse_ders
from tieline.studies.reserve.training.config import ReserveTrainingConfig


class ReserveCase(Settings):
    """One request: capacities and bids of the DERs, what is asked, and perhaps an allocation to replay beside the others."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9]*$",
        description="Short name, used in the names of metrics.",
    )
    capacity_kw: tuple[float, ...] = Field(
        min_length=1, description="Most that each DER can give [kW]."
    )
    bid_cents: tuple[float, ...] = Field(
        min_length=1, description="Price of each DER [cents/kWh]."
    )
    request_kw: float = Field(ge=0, description="Reserve asked for [kW].")
    paper_kw: tuple[float, ...] | None = Field(
        default=None, description="Published allocation to replay [kW]."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        problems = list(_case_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _case_problems(case: ReserveCase) -> Iterator[str]:
    """Everything that is wrong with a case."""
    for field in ("capacity_kw", "bid_cents", "paper_kw"):
        values = getattr(case, field) or ()
        if any(value < 0 for value in values):
            yield f"case '{case.name}': {field} has a negative number ({min(values):g}). Give numbers of at least 0"
        if values and len(values) != len(case.capacity_kw):
            yield (
                f"case '{case.name}': {field} and capacity_kw differ in length ({len(values)} and "
                f"{len(case.capacity_kw)}). Give a number for each DER"
            )
    total = sum(case.capacity_kw)
    if case.request_kw > total:
        yield (
            f"case '{case.name}': request_kw ({case.request_kw:g} kW) is above the sum of capacities ({total:g} kW). "
            "Ask for less, or add capacity"
        )


PUBLISHED = (
    ReserveCase(
        name="case1",
        capacity_kw=(200.0, 200.0, 150.0, 200.0),
        bid_cents=(10.0, 12.0, 11.0, 14.0),
        request_kw=600.0,
        paper_kw=(165.03, 180.87, 150.0, 104.10),
    ),
    ReserveCase(
        name="case2",
        capacity_kw=(100.0, 80.0, 100.0, 100.0),
        bid_cents=(12.0, 10.0, 10.0, 12.0),
        request_kw=350.0,
        paper_kw=(98.11, 80.0, 100.0, 71.89),
    ),
)


class ReserveConfig(ReserveTrainingConfig):
    """Split requested reserves among DERs, by rule, by a learned policy and by search."""

    INPUT_POLICIES: ClassVar[tuple[str, ...]] = ("policy",)

    cases: tuple[ReserveCase, ...] = Field(
        default=PUBLISHED, min_length=1, description="The requests."
    )
    capacity_kw: Numbers | None = Field(
        default=None, description="Own case in place of `cases`: capacities [kW]."
    )
    bid_cents: Numbers | None = Field(
        default=None, description="Own case: bid of each DER [cents/kWh]."
    )
    request_kw: float | None = Field(
        default=None, description="Own case: reserve asked for [kW]."
    )
    policy: str | None = Field(
        default=None,
        description="Policy file, or folder of `tieline train reserve`; the shipped policies if they fit.",
    )
    train: bool = Field(
        default=False, description="Train policies anew, which takes a minute."
    )
    held_out: int = Field(
        default=1000,
        ge=0,
        description="Random requests on which all are compared with the optimum; 0: none.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_ders(cls, values: Any) -> Any:
        """DERs with their size and cost, "844:200@0.10", are an own case: capacities and bids."""
        # before validation: the list of places that the field holds cannot carry sizes and costs
        parts = None
        if isinstance(values, dict):
            parts = split_commas(values.get("ders"))
        if not isinstance(parts, tuple | list) or not any(
            ":" in str(part) for part in parts
        ):
            return values
        if values.get("capacity_kw") is not None or values.get("bid_cents") is not None:
            raise ValueError(
                "ders gives capacities and bids, and so do capacity_kw and bid_cents. Keep one of them"
            )
        specs = parse_ders(",".join(str(part) for part in parts))
        _require_bids(specs)
        return {
            **values,
            "ders": tuple(spec.place for spec in specs),
            "capacity_kw": tuple(spec.kw for spec in specs),
            "bid_cents": tuple(100 * (spec.cost or 0.0) for spec in specs),
        }

    def _problems(self) -> Iterator[str]:
        yield from super()._problems()
        own_case = (self.capacity_kw, self.bid_cents, self.request_kw)
        if None in own_case and any(part is not None for part in own_case):
            yield "an own case needs all of capacity_kw, bid_cents and request_kw"
        if self.policy is not None and self.train:
            yield "policy and train exclude each other: give the one or ask for the other"
        for case in self.asked:
            if len(case.capacity_kw) != len(self.ders):
                yield (
                    f"case '{case.name}' speaks of {len(case.capacity_kw)} DERs but ders names {len(self.ders)} places. "
                    "Give capacity_kw, bid_cents and request_kw for your own DERs"
                )

    @property
    def asked(self) -> tuple[ReserveCase, ...]:
        """The cases to answer: the own one if given."""
        if (
            self.capacity_kw is None
            or self.bid_cents is None
            or self.request_kw is None
        ):
            return self.cases
        own_case = ReserveCase(
            name="own",
            capacity_kw=self.capacity_kw,
            bid_cents=self.bid_cents,
            request_kw=self.request_kw,
        )
        return (own_case,)


def _require_bids(specs: tuple[DerSpec, ...]) -> None:
    """An own case needs a bid of each DER; reserve is active power, so a rating in kVA would have no effect."""
    without_cost = [spec.place for spec in specs if spec.cost is None]
    if without_cost:
        raise ValueError(
            f"ders has no cost for {', '.join(without_cost)}. Write PLACE:KW@COST for each, the cost in currency/kWh"
        )
    with_kva = [spec.place for spec in specs if spec.kva != spec.kw]
    if with_kva:
        raise ValueError(
            f"ders has a rating in kVA for {', '.join(with_kva)}, but reserve is active power. Leave it out"
        )
