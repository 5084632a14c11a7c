"""Primitive matrices of transformers of every connection are the engine's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from opendss_engine import assert_admittances_agree, assert_same_answer

from tieline.feeders.opendss import read_opendss
from tieline.feeders.opendss.writer import opendss_script

RATED_KV = (
    *((115, 4.16), (4.16, 115), (12.47, 12.47)),
    *(
        (25, 12.47, 4.16),
        (4.16, 12.47, 25),
        (12.47, 4.16, 25),
        (4.16, 12.47, 0.48),
        (12.47, 12.47, 4.16),
        (12.47, 12.47, 12.47),
    ),
    *(
        (33, 12.47, 4.16, 0.48),
        (12.47, 33, 115, 4.16),
        (0.48, 4.16, 12.47, 33),
        (12.47, 12.47, 4.16, 12.47),
    ),
)
"""Rated voltages of the windings in every order that matters: falling, rising, the highest first, second or last, equal."""

HEAD = "clear\nnew circuit.connections basekv=12.47 bus1=b\n"


def units() -> Iterator[tuple[tuple[float, ...], tuple[str, ...], str]]:
    for kvs in RATED_KV:
        for conns in product(("wye", "delta"), repeat=len(kvs)):
            for side in ("lag", "lead"):
                yield kvs, conns, side


def command(
    name: str, kvs: tuple[float, ...], conns: tuple[str, ...], side: str
) -> str:
    count = len(kvs)
    buses = ["b", *(f"{name}_{k}" for k in range(1, count))]
    reactances = [5 + k for k in range(count * (count - 1) // 2)]
    named = f"xscarray={reactances}" if count > 3 else "xhl=5 xht=6 xlt=7"
    arrays = {
        "buses": buses,
        "conns": conns,
        "kvs": kvs,
        "kvas": [1000 - 100 * k for k in range(count)],
    }
    texts = [f"{key}=({' '.join(map(str, values))})" for key, values in arrays.items()]
    return f"new transformer.{name} phases=3 windings={count} {' '.join(texts)} {named} leadlag={side} ppm=10"


def test_every_connection_lead_lag_and_order_of_voltages(tmp_path: Path) -> None:
    path = tmp_path / "master.dss"
    commands = [command(f"t{k}", *unit) for k, unit in enumerate(units())]
    path.write_text(
        HEAD
        + "\n".join(commands)
        + "\nset voltagebases=[115 33 25 12.47 4.16 0.48]\ncalcvoltagebases\n"
    )
    feeder = read_opendss(path)
    assert len(feeder.transformers) == 4 * 2 * 3 + 8 * 2 * 6 + 16 * 2 * 4
    assert_admittances_agree(feeder, path)


def test_they_are_written_as_they_were_read(tmp_path: Path) -> None:
    """Four windings, of which two have the same voltage."""
    master, copy = tmp_path / "master.dss", tmp_path / "copy.dss"
    unit = command(
        "t", (12.47, 33, 4.16, 12.47), ("wye", "delta", "wye", "delta"), "lead"
    )
    master.write_text(
        f"{HEAD}{unit}\nset voltagebases=[33 12.47 4.16]\ncalcvoltagebases\n"
    )
    feeder = read_opendss(master)
    copy.write_text(
        opendss_script(feeder) + "set voltagebases=[33 12.47 4.16]\ncalcvoltagebases\n"
    )
    assert read_opendss(copy).transformers == feeder.transformers


@pytest.mark.parametrize(
    "conns", ["delta delta wye", "delta wye delta", "wye wye delta", "wye delta wye"]
)
@pytest.mark.parametrize("side", ["lag", "lead"])
def test_unbalanced_load_behind_three_windings(
    conns: str, side: str, tmp_path: Path
) -> None:
    unit = f"new transformer.t phases=3 windings=3 buses=(b m l) conns=({conns}) kvs=(12.47 4.16 0.48) kvas=(900 900 900)"
    loads = "new load.m bus1=m.1.2 phases=1 conn=delta kv=4.16 kw=80\nnew load.l bus1=l.2.3 phases=1 conn=delta kv=0.48 kw=90"
    bases = "set voltagebases=[12.47 4.16 0.48]\ncalcvoltagebases"
    assert_same_answer(
        f"{HEAD}{unit} xhl=5 xht=6 xlt=4 leadlag={side} ppm=10\n{loads}\n{bases}\n",
        tmp_path,
    )


@pytest.mark.parametrize("conn", ["delta", "wye"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_unit_at_the_second_circuit_of_a_bus(
    conn: str, side: int, tmp_path: Path
) -> None:
    buses = ["a.4.5.6", "low"] if side == 0 else ["b.1.2.3", "a.4.5.6"]
    feed = (
        "new line.two bus1=b bus2=a.4.5.6 r1=0.3 x1=0.6 length=1" if side == 0 else ""
    )
    load = "bus1=low" if side == 0 else "bus1=a.4.5.6"
    unit = f"buses=[{' '.join(buses)}] conns=[{conn} wye] kvs=[12.47 0.48] kvas=[500 500] xhl=4"
    script = f"""clear
new circuit.second basekv=12.47 bus1=b
new line.one bus1=b bus2=a.1.2.3 r1=0.3 x1=0.6 length=1
new load.one bus1=a.1.2.3 kv=12.47 kw=100
{feed}
new transformer.t {unit}
new load.two {load} kv=0.48 kw=90 vminpu=0.7 vmaxpu=1.3
set voltagebases=[12.47 0.48]
calcvoltagebases
"""
    if side == 1:  # both circuits of a bus have one base
        script = script.replace("0.48", "12.47")
    assert_same_answer(script, tmp_path)


@pytest.mark.parametrize(
    "conns", ["conns=[wye wye]", "conns=[delta wye]", "conns=[wye delta]"]
)
@pytest.mark.parametrize("end", [1, 2])
def test_an_open_unit_keeps_its_magnetising_current(
    conns: str, end: int, tmp_path: Path
) -> None:
    script = f"""clear
set defaultbasefrequency=60
new circuit.c bus1=src basekv=12.47 pu=1.02 mvasc3=200 mvasc1=150
new line.one bus1=src bus2=a r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=2 units=km normamps=400
new line.two bus1=src bus2=b r1=0.3 x1=0.6 r0=0.8 x0=1.8 length=9 units=km normamps=400
new transformer.t buses=[a b] {conns} kvs=[12.47 12.47] kvas=[500 500] xhl=5 %imag=3 %noloadloss=1
new load.a bus1=a.1 phases=1 kv=7.2 kw=300 pf=0.9
open transformer.t {end}
set voltagebases=[12.47]
calcvoltagebases
"""
    solution = assert_same_answer(script, tmp_path)
    assert solution.network.feeder.transformers == ()
    assert solution.loss_kw[0] > 1.0
