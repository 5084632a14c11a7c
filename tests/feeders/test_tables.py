"""Tables read back equal what was saved, float by float, and every bad cell is named by file, row and column."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.errors import InputError
from tieline.feeders.elements import (
    Bus,
    Capacitor,
    CapacitorControl,
    CurrentSource,
    Generator,
    InverterControl,
    Line,
    LineCode,
    Load,
    Pv,
    Regulator,
    Shape,
    Shunt,
    Source,
    Storage,
    Transformer,
    Winding,
)
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.table_texts import table_files
from tieline.feeders.tables import load_tables, save_tables

CODE = LineCode(
    "601",
    ((0.1, 0.05), (0.05, 0.12)),
    ((0.6, 0.3), (0.3, 0.7)),
    ((10.0, -2.0), (-2.0, 11.0)),
    rating_a=700.0,
)
OWN = LineCode(
    "l2", ((0.2, 0.1), (0.11, 0.2)), ((0.4, 0.0), (0.0, 0.4)), ((0.0, 0.0), (0.0, 0.0))
)

EVERYTHING = Feeder(
    name="everything",
    title='One of each, "quoted", with a comma',
    origin="made up",
    frequency_hz=50.0,
    load_model="opendss-band",
    buses=(
        Bus("a", (1, 2, 3), 4.16, x=0.0, y=-1.5),
        Bus("b", (1, 2), 4.16),
        Bus("c", (1, 2), 4.16),
        Bus("d", (1, 2, 4), 0.4),
    ),
    sources=(Source("grid", "a", (1, 2, 3), 4.16, v_pu=1.02, x1_ohm=0.1, x0_ohm=0.3),),
    lines=(
        Line("l1", "a", "b", (1, 2), (1, 2), CODE, length_km=0.3),
        Line(
            "l2",
            "b",
            "c",
            (1, 2),
            (1, 2),
            OWN,
            rating_a=200.0,
            rating_kva=1500.0,
            is_switch=True,
            closed=False,
            open_end="to",
        ),
        Line("l3", "b", "c", (1, 2), (2, 1), CODE, length_km=1 / 3),
    ),
    transformers=(
        Transformer(
            "t1",
            1,
            (
                Winding("c", (1, 2), "delta", 4.16, 25.0, r_pct=0.6),
                Winding("d", (1, 4), "wye", 0.24, 25.0, tap=1.0125, tap_steps=16),
            ),
            x_pct=(2.04,),
            rating_kva=30.0,
        ),
    ),
    regulators=(
        Regulator("r1", "t1", 2, 122.0, 2.0, 20.0, remote_bus="d", remote_node=1),
    ),
    capacitors=(Capacitor("k1", "c", (1, 2), "delta", 100.0, 4.16, steps=2),),
    capacitor_controls=(
        CapacitorControl(
            "kc1", "k1", "kvar", "l1", 1, 50.0, -10.0, voltage_override=True
        ),
    ),
    loads=(
        Load("h1", "d", (1, 4), "wye", 0.24, 1.0, 0.5, zip_p=(0.3, 0.3, 0.4)),
        Load(
            "h2",
            "d",
            (1, 2),
            "delta",
            0.4,
            1e-7,
            0.0,
            zip_q=(1.0, 0.0, 0.0),
            daily_shape="home",
            yearly_shape="shop",
        ),
    ),
    pvs=(Pv("pv1", "d", (1, 4), "wye", 0.24, 5.0, 6.0),),
    storages=(
        Storage("s1", "d", (1, 4), "wye", 0.24, 5.0, 13.5, 5.0, p_charge_kw=2.0),
    ),
    generators=(Generator("g1", "a", (1, 2, 3, 0), "wye", 2.4, 500.0, 100.0),),
    inverter_controls=(
        InverterControl(
            "i1",
            "s1",
            "storage",
            volt_var_v_pu=(0.9, 0.95, 1.05),
            volt_var_q_share=(0.44, 0.0, -1 / 3),
            charge_watt_v_pu=(0.9, 0.95),
            charge_watt_p_share=(0.0, 1.0),
            q_base="limits",
            q_low_kvar=3.0,
            yields="p",
            watched_rule="highest",
            watched_bus="a",
            watched_nodes=(1, 3),
            watched_kv=2.4,
        ),
    ),
    shunts=(Shunt("x1", "a", (1, 0), "wye", 2.4, 0.1, -3.0),),
    current_sources=(CurrentSource("j1", "a", (1, 2, 3), 1 / 3, -30.0),),
    shapes=(
        Shape("home", (0.42, 1 / 3, 0.1), q=(0.4, 0.3, -0.0), step_h=0.25),
        Shape("shop", (1e-7, 2.0), step_h=0.0, hour=(0.5, 17.0), is_actual=True),
    ),
    notes=(
        Finding(
            "OPENDSS.SOMETHING", "warning", "load H1", "Two\nlines, with a comma.", ""
        ),
    ),
)

names = st.text("abz019_-. ,\"'é", min_size=1, max_size=6).map(str.strip).filter(bool)
numbers = st.floats(allow_nan=False)
phases = st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple)


def matrices(size: int) -> st.SearchStrategy:
    row = st.tuples(*[numbers] * size)
    return st.tuples(*[row] * size)


@st.composite
def codes(draw: st.DrawFn, name: str, size: int) -> LineCode:
    r, x, c = draw(matrices(size)), draw(matrices(size)), draw(matrices(size))
    return LineCode(name, r, x, c, draw(st.none() | numbers))


@st.composite
def feeders(draw: st.DrawFn) -> Feeder:
    buses = tuple(
        draw(
            st.lists(
                st.builds(Bus, names, phases, numbers, st.none() | numbers),
                min_size=1,
                max_size=3,
            )
        )
    )
    shared = [draw(codes(f"code{size}", size)) for size in (1, 2, 3)]
    lines = []
    for k in range(draw(st.integers(0, 3))):
        size = draw(st.integers(1, 3))
        code = draw(st.one_of(st.just(shared[size - 1]), codes(f"line{k}", size)))
        nodes = tuple(range(1, size + 1))
        length = draw(st.sampled_from([1.0, 0.1]) | numbers)
        lines.append(
            Line(
                f"line{k}",
                draw(names),
                draw(names),
                nodes,
                nodes,
                code,
                length,
                draw(st.none() | numbers),
                closed=draw(st.booleans()),
            )
        )
    zips = st.tuples(numbers, numbers, numbers) | st.just((0.0, 1.0, 0.0))
    loads = st.builds(
        Load,
        names,
        names,
        phases,
        st.sampled_from(["wye", "delta"]),
        numbers,
        numbers,
        numbers,
        zips,
        zips,
    )
    windings = st.builds(
        Winding,
        names,
        phases,
        st.sampled_from(["wye", "delta"]),
        numbers,
        numbers,
        tap=numbers,
        tap_steps=st.integers(1, 32),
    )
    transformers = [
        Transformer(
            f"t{k}",
            3,
            tuple(draw(st.lists(windings, min_size=2, max_size=3))),
            tuple(draw(st.lists(numbers, min_size=1, max_size=3))),
        )
        for k in range(draw(st.integers(0, 2)))
    ]
    source = st.builds(Source, names, names, phases, numbers, v_pu=numbers)
    return Feeder(
        name=draw(st.text(max_size=5)),
        buses=buses,
        sources=(draw(source),),
        lines=tuple(lines),
        transformers=tuple(transformers),
        loads=tuple(draw(st.lists(loads, max_size=3))),
        frequency_hz=draw(numbers),
        single_phase_equivalent=draw(st.booleans()),
    )


def test_every_kind_of_element_comes_back_equal(tmp_path: Path):
    save_tables(EVERYTHING, tmp_path / "feeder")
    assert load_tables(tmp_path / "feeder") == EVERYTHING


def test_everything_holds_every_kind():
    assert all(
        getattr(EVERYTHING, name)
        for name in Feeder.__dataclass_fields__
        if name not in ("single_phase_equivalent", "frequency_is_assumed")
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(feeder=feeders())
def test_random_feeders_come_back_equal(
    feeder: Feeder, tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("feeder") / "saved"
    save_tables(feeder, folder)
    assert load_tables(folder) == feeder


def test_text_of_lines_is_readable():
    rows = table_files(EVERYTHING)["lines.csv"].splitlines()
    assert (
        rows[0]
        == "name,from_bus,to_bus,from_nodes,to_nodes,code,r_ohm,x_ohm,length_km,rating_a,rating_kva,is_switch,closed,open_end"
    )
    assert rows[1] == "l1,a,b,1.2,1.2,601,,,0.3,,,no,yes,both"
    assert (
        rows[2]
        == "l2,b,c,1.2,1.2,,0.2 0.1 | 0.11 0.2,0.4 | 0.0 0.4,,200.0,1500.0,yes,no,to"
    )


def test_points_of_shapes_are_columns():
    assert table_files(EVERYTHING)["shape_points.csv"].splitlines()[:2] == [
        "home,home q,shop,shop hour",
        "0.42,0.4,1e-07,0.5",
    ]


def test_a_gap_in_a_shape_is_refused(saved: Path):
    points = saved / "shape_points.csv"
    points.write_text(points.read_text().replace("0.42,0.4", ",0.4"))
    with pytest.raises(FeederError, match="'home' goes on after a blank cell"):
        load_tables(saved)


def test_a_length_of_one_beside_a_whole_lines_impedance_is_no_length(saved: Path):
    text = (saved / "lines.csv").read_text()
    (saved / "lines.csv").write_text(
        text.replace("0.4 | 0.0 0.4,,", "0.4 | 0.0 0.4,1.0,")
    )
    assert load_tables(saved).lines[1].length_km is None


def test_symmetric_matrix_is_a_lower_triangle():
    assert (
        table_files(EVERYTHING)["line_codes.csv"].splitlines()[1]
        == "601,0.1 | 0.05 0.12,0.6 | 0.3 0.7,10.0 | -2.0 11.0,700.0"
    )


def test_only_tables_with_rows_are_written():
    bare = EVERYTHING.replace(lines=(), transformers=(), notes=())
    files = table_files(bare)
    assert not {
        "lines.csv",
        "line_codes.csv",
        "transformers.csv",
        "windings.csv",
        "notes.csv",
    } & set(files)
    assert "loads.csv" in files


def test_names_are_read_in_lower_case(tmp_path: Path):
    save_tables(EVERYTHING, tmp_path / "feeder")
    path = tmp_path / "feeder" / "lines.csv"
    path.write_text(path.read_text().replace("l1,a,b", " L1 ,A,B"))
    assert load_tables(tmp_path / "feeder") == EVERYTHING


def bad_codes(folder: Path) -> dict[str, str]:
    """Code -> text of every finding on loading."""
    with pytest.raises(FeederError) as error:
        load_tables(folder)
    return {finding.code: str(finding) for finding in error.value.findings}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save_tables(EVERYTHING, tmp_path / "feeder")
    return tmp_path / "feeder"


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "said"),
    [
        ("loads.csv", "p_kw", "p_kv", "TABLE.COLUMN_UNKNOWN", "Did you mean 'p_kw'"),
        (
            "loads.csv",
            "p_kw",
            "p_kv",
            "TABLE.COLUMN_MISSING",
            "loads.csv: column 'p_kw' is missing",
        ),
        ("loads.csv", "q_kvar", "p_kw", "TABLE.COLUMN_TWICE", "'p_kw'"),
        (
            "loads.csv",
            "1e-07",
            "much",
            "TABLE.VALUE",
            "loads.csv row 3: column 'p_kw' holds 'much', but must be a number",
        ),
        (
            "loads.csv",
            "1e-07",
            "",
            "TABLE.VALUE",
            "loads.csv row 3: column 'p_kw' holds ''",
        ),
        ("loads.csv", "1e-07", "1_0", "TABLE.VALUE", "'1_0'"),
        (
            "loads.csv",
            "constant-impedance",
            "0.5 0.5",
            "TABLE.VALUE",
            "'zip_q' holds '0.5 0.5'",
        ),
        (
            "buses.csv",
            "1.2.4",
            "1;2",
            "TABLE.VALUE",
            "buses.csv row 5: column 'phases' holds '1;2'",
        ),
        ("buses.csv", "1.2.4", "1,2,4", "TABLE.ROW_TOO_LONG", "buses.csv row 5"),
        ("windings.csv", ",16", ",1.5", "TABLE.VALUE", "a whole number"),
        ("windings.csv", "t1,2", "t1,1", "TABLE.WINDING_TWICE", "windings.csv row 3"),
        ("windings.csv", "t1,2", "t1,3", "TABLE.WINDING_MISSING", "[1, 3]"),
        ("windings.csv", "t1,2", "t9,1", "TABLE.TRANSFORMER_UNKNOWN", "'t9'"),
        (
            "lines.csv",
            "601,,,0.3",
            "60l,,,0.3",
            "TABLE.CODE_UNKNOWN",
            "lines.csv row 2: column 'code': Unknown code '60l'. Did you mean '601'?",
        ),
        (
            "lines.csv",
            "601,,,0.3",
            "601,1.0,,0.3",
            "TABLE.IMPEDANCE_TWICE",
            "lines.csv row 2",
        ),
        (
            "lines.csv",
            "601,,,0.3",
            ",1.0,,0.3",
            "TABLE.IMPEDANCE_MISSING",
            "lines.csv row 2",
        ),
        (
            "lines.csv",
            "0.4 | 0.0 0.4,,",
            "0.4 | 0.0 0.4,2.0,",
            "TABLE.LENGTH_GIVEN",
            "lines.csv row 3",
        ),
        (
            "lines.csv",
            "0.4 | 0.0 0.4",
            "0.4",
            "TABLE.MATRIX_SIZE",
            "lines.csv row 3: column 'x_ohm' has 1 conductor(s), but from_nodes has 2",
        ),
        (
            "lines.csv",
            "a,b,1.2,",
            "a,b,1.2.3,",
            "TABLE.MATRIX_SIZE",
            "lines.csv row 2: column 'code' has 2",
        ),
        (
            "lines.csv",
            "yes,no",
            "yes,perhaps",
            "TABLE.VALUE",
            "column 'closed' holds 'perhaps', but must be yes or no",
        ),
        (
            "line_codes.csv",
            "0.1 | 0.05 0.12",
            "0.1 | 0.12",
            "TABLE.VALUE",
            "line_codes.csv row 2: column 'r_ohm_per_km'",
        ),
        (
            "feeder.toml",
            "origin",
            "orign",
            "TABLE.KEY_UNKNOWN",
            "Did you mean 'origin'",
        ),
        (
            "feeder.toml",
            "bus =",
            "x0_ohm =",
            "TABLE.KEY_MISSING",
            "feeder.toml source 1: 'bus' is missing",
        ),
        ("feeder.toml", "50.0", '"fast"', "TABLE.VALUE", "'frequency_hz' holds 'fast'"),
    ],
)
def test_bad_table_is_named(
    saved: Path, file: str, old: str, new: str, code: str, said: str
):
    text = (saved / file).read_text()
    assert old in text
    if new == "x0_ohm =":
        text = text.replace("x0_ohm = 0.3\n", "")
    (saved / file).write_text(text.replace(old, new, 1))
    assert said in bad_codes(saved)[code]


def test_all_findings_come_together(saved: Path):
    (saved / "loads.csv").write_text(
        (saved / "loads.csv").read_text().replace("1e-07", "much")
    )
    (saved / "buses.csv").write_text(
        (saved / "buses.csv").read_text().replace("1.2.3", "all")
    )
    (saved / "load.csv").write_text("name\n")
    with (saved / "line_codes.csv").open("a") as file:
        file.write("601,1.0,1.0,,\n")
    assert {"TABLE.VALUE", "TABLE.FILE_UNKNOWN", "TABLE.CODE_TWICE"} <= set(
        bad_codes(saved)
    )
    with pytest.raises(
        FeederError,
        match=r"(?s)buses\.csv row 2.*loads\.csv row 3.*did you mean 'loads\.csv'|loads\.csv",
    ):
        load_tables(saved)


def test_saving_refuses_codes_that_differ_under_one_name(tmp_path: Path):
    other = LineCode("601", ((1.0,),), ((1.0,),), ((0.0,),))
    feeder = EVERYTHING.replace(
        lines=(EVERYTHING.lines[0], Line("l9", "a", "b", (1,), (1,), other))
    )
    with pytest.raises(FeederError, match=r"LINE_CODE\.DUPLICATE_NAME.*601"):
        save_tables(feeder, tmp_path / "feeder")
    assert not list(tmp_path.iterdir())


def test_saving_refuses_a_matrix_that_is_not_square(tmp_path: Path):
    ragged = LineCode("l9", ((1.0,), (1.0, 2.0)), ((1.0,),), ((0.0,),))
    with pytest.raises(FeederError, match=r"LINE_CODE\.MATRIX_SIZE"):
        save_tables(
            EVERYTHING.replace(lines=(Line("l9", "a", "b", (1,), (1,), ragged),)),
            tmp_path / "feeder",
        )


def test_saving_into_a_used_folder_is_refused(saved: Path):
    before = {path.name: path.read_text() for path in saved.iterdir()}
    with pytest.raises(InputError, match="exists already"):
        save_tables(EVERYTHING.replace(loads=()), saved)
    assert {path.name: path.read_text() for path in saved.iterdir()} == before


def test_unwritable_target_is_an_input_error_and_leaves_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        save_tables(EVERYTHING, tmp_path / "file" / "feeder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(InputError, match="No space left"):
        save_tables(EVERYTHING, tmp_path / "feeder")
    assert not list(tmp_path.iterdir())


def test_folder_without_feeder_toml(tmp_path: Path):
    with pytest.raises(InputError, match=r"no feeder folder: it has no feeder\.toml"):
        load_tables(tmp_path)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("feeder.toml", b"name = ["),
        ("loads.csv", b"name\n\xff\xfe\n"),
        ("feeder.toml", b"\xff"),
    ],
)
def test_damaged_file_is_an_input_error(saved: Path, file: str, content: bytes):
    (saved / file).write_bytes(content)
    with pytest.raises(InputError, match=file):
        load_tables(saved)


def test_spreadsheet_marks_and_blank_lines_are_accepted(saved: Path):
    text = (saved / "loads.csv").read_text()
    (saved / "loads.csv").write_bytes(
        b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b",,,\r\n\r\n"
    )
    assert load_tables(saved) == EVERYTHING


def test_shortest_round_trip_of_floats():
    assert "0.3333333333333333" in table_files(EVERYTHING)["lines.csv"]
    assert math.isclose(float("0.3333333333333333"), 1 / 3, rel_tol=0, abs_tol=0)
