"""A script is data: nothing is loaded or written, in whatever spelling, and what defines the circuit is run as the engine would.

These tests run the engine in the test's own process, so that the look at the words stands alone, without the sandbox.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss.reader import read_in_this_process

HEAD = """clear
new circuit.c basekv=12.47 pu=1.0 bus1=src
new line.l1 bus1=src bus2=b1 length=1 units=km r1=0.1 x1=0.2 r0=0.3 x0=0.6 c1=0 c0=0 normamps=400
new load.a bus1=b1 kv=12.47 kw=100 kvar=20
new generator.g bus1=b1 kv=12.47 kw=10
"""
TAIL = "\nset voltagebases=[12.47]\ncalcvoltagebases\n"

Read = Callable[..., Feeder]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a small circuit with more lines, and files beside it."""

    def _read(lines: str, **files: str) -> Feeder:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        master = tmp_path / "master.dss"
        master.write_text(HEAD + lines + TAIL)
        return read_in_this_process(master)

    return _read


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A library that leaves a mark when it is loaded, and where the mark would be; without a compiler one that leaves none."""
    folder = tmp_path_factory.mktemp("library")
    mark, source, built = folder / "loaded", folder / "lib.c", folder / "lib.so"
    source.write_text(MARKING.replace("MARK", str(mark)))
    if shutil.which("gcc") is None:
        return "libm.so.6", mark
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", built, source], check=True)
    return str(built), mark


MARKING = '#include <stdio.h>\n__attribute__((constructor)) static void on_load(void) { fclose(fopen("MARK", "w")); }'

LOADING = {
    "named": "edit generator.g usermodel={lib}",
    "capitals": "EDIT Generator.G UserModel={lib}",
    "shortened": "edit generator.g userm={lib}",
    "shortened_to_the_shortest": "edit generator.g us={lib}",
    "command_shortened": "ed generator.g usermodel={lib}",
    "command_in_quotes": "'edit' generator.g usermodel={lib}",
    "comma_for_blank": "edit,generator.g,usermodel={lib}",
    "tabs": "edit\tgenerator.g\tusermodel\t=\t{lib}",
    "object_named": "edit object=generator.g usermodel={lib}",
    "object_named_short": "edit o=generator.g usermodel={lib}",
    "object_in_quotes": 'edit "generator.g" usermodel={lib}',
    "object_in_braces": "edit {{generator.g}} usermodel={lib}",
    "name_in_quotes": "edit generator.g 'usermodel'={lib}",
    "value_in_quotes": 'edit generator.g usermodel="{lib}"',
    "value_in_brackets": "edit generator.g usermodel=[{lib}]",
    "bare_after_a_named_one": "edit generator.g h=1 1 {lib}",
    "bare_one_by_one": "edit generator.g " + "1 b1 12.47 10 1 1 1 " * 4 + "1 {lib}",
    "after_other_properties": "edit generator.g kw=5, pf=1, usermodel={lib}",
    "user_data": "edit generator.g userdata=(file={lib})",
    "shaft_model": "edit generator.g shaftmodel={lib}",
    "shaft_data": "edit generator.g shaftdata={lib}",
    "new": "new generator.n bus1=b1 kv=12.47 kw=1 usermodel={lib}",
    "new_shortened": "n generator.n usermodel={lib}",
    "continued": "edit generator.g kw=5\n~ usermodel={lib}",
    "continued_by_more": "edit generator.g kw=5\nmore usermodel={lib}",
    "continued_by_m": "edit generator.g kw=5\nM usermodel={lib}",
    "continued_by_mo": "edit generator.g kw=5\nmo usermodel={lib}",
    "continued_over_a_comment": "edit generator.g kw=5\n! nothing\n\n~ usermodel={lib}",
    "continued_after_an_edit_of_the_circuit": "edit generator.g kw=5\nedit circuit.c pu=1\n~ usermodel={lib}",
    "continued_after_solve": "edit generator.g kw=5\nsolve\n~ usermodel={lib}",
    "continued_after_select": "select generator.g\n~ usermodel={lib}",
    "continued_after_set_class": "set class=generator\n~ usermodel={lib}",
    "continued_after_set_object": "set object=generator.g\n~ usermodel={lib}",
    "continued_after_disable": "disable generator.g\n~ usermodel={lib}",
    "continued_in_another_file": "edit generator.g kw=5\nredirect more.dss",
    "batch": "batchedit generator..* usermodel={lib}",
    "batch_shortened": "batche generator..* userm={lib}",
    "assigned": "generator.g.usermodel={lib}",
    "assigned_short": "generator.g.us={lib}",
    "assigned_without_class": "edit generator.g kw=1\ng.usermodel={lib}",
    "assigned_without_name": "edit generator.g kw=1\nusermodel={lib}",
    "assigned_to_an_element_called_like_a_class": "new generator.line bus1=b1 kv=12.47 kw=1\nline.usermodel={lib}",
    "assigned_with_more_behind": "generator.g.kw=5 usermodel={lib}",
    "assigned_with_quotes_in_the_value": "generator.g.kw='5\" usermodel=\"{lib}'",
    "assigned_with_a_property_in_the_name": '"generator.g.kw=5 usermodel"={lib}',
    "assigned_with_a_bare_value_behind": "generator.g.d=1 {lib}",
    "variable_for_the_value": "var @v={lib}\nedit generator.g usermodel=@v",
    "variable_for_the_class": "var @v=generator\nnew @v.n usermodel={lib}",
    "variable_for_the_object": "var @v=generator.g\nedit @v usermodel={lib}",
    "variable_for_the_command": "var @v=edit\n@v generator.g usermodel={lib}",
    "variable_set_twice": "var @v=generator\nvar x @v=line\nnew @v.n usermodel={lib}",
    "variable_that_is_not_set": "new @v.n usermodel={lib}",
    "variable_in_braces": 'var @v="{{generator.g}}"\nedit @v usermodel={lib}',
    "variable_in_braces_for_the_command": 'var @v="{{edit}}"\n@v generator.g usermodel={lib}',
    "variable_in_braces_for_a_new_one": 'var @v="{{generator.n}}"\nnew object=@v bus1=b1 kv=12.47 kw=1 userm={lib}',
    "continued_after_a_shape_was_named": "edit generator.g daily=default\n~ usermodel={lib}",
    "pv": "new pvsystem.p bus1=b1 kv=12.47 kva=10 pmpp=10 usermodel={lib}",
    "storage": "new storage.s bus1=b1 kv=12.47 kwrated=10 kwhrated=10 usermodel={lib}",
    "storage_dynamics": "new storage.s bus1=b1 kv=12.47 kwrated=10 kwhrated=10 dynadll={lib}",
    "storage_dynamics_shortened": "new storage.s bus1=b1 dynad={lib}",
    "capacitor_control": "new capacitor.k bus1=b1 kv=12.47 kvar=1\nnew capcontrol.k capacitor=k element=line.l1 usermodel={lib}",
    "in_a_redirected_file": "redirect lib.dss",
    "in_a_compiled_file": "compile lib.dss",
    "redirect_shortened": "redir lib.dss",
}


@pytest.mark.parametrize("case", LOADING)
def test_no_spelling_loads_a_library(read: Read, library: tuple[str, Path], case: str):
    path, mark = library
    lines = LOADING[case].format(lib=path)
    files = {
        "lib_dss": f"edit generator.g usermodel={path}\n",
        "more_dss": f"~ usermodel={path}\n",
    }
    with pytest.raises(FeederError) as caught:
        read(lines, **files)
    assert not mark.exists()
    (finding,) = caught.value.findings
    assert finding.code in {"OPENDSS.NATIVE_CODE", "OPENDSS.QUOTES", "OPENDSS.VARIABLE"}
    assert "line " in finding.component
    assert finding.remedy


def test_all_that_is_refused_is_said_at_once(read: Read):
    with pytest.raises(FeederError) as caught:
        read(
            "edit generator.g usermodel=x.so\ndoscmd ls\nnew energymeter.m action=reduce"
        )
    places = [(finding.code, finding.component) for finding in caught.value.findings]
    assert places == [
        ("OPENDSS.NATIVE_CODE", "line 6 of master.dss"),
        ("OPENDSS.COMMAND", "line 7 of master.dss"),
        ("OPENDSS.ACTION", "line 8 of master.dss"),
    ]


REFUSED = (
    "doscmd ls",
    "dos ls",
    "alignfile file=master.dss",
    "cvrtloadshapes type=dbl",
    "distribute kw=1",
    "obfuscate",
    "newactor",
)
REFUSED += (
    "reduce",
    "reconductor line1=l1 line2=l1 linecode=x",
    "rephase startline=l1",
    "nonsense",
    "_solvesnap",
    "remove line.l1",
)


@pytest.mark.parametrize("line", REFUSED)
def test_commands_that_are_refused(read: Read, line: str):
    with pytest.raises(FeederError) as caught:
        read(line)
    assert [finding.code for finding in caught.value.findings] == ["OPENDSS.COMMAND"]


LEFT_OUT = (
    "solve",
    "Sol",
    "sh voltages",
    "exp voltages",
    "export monitors x",
    "sav circuit dir=out",
    "dum",
    "plot profile",
    "vis",
)
LEFT_OUT += (
    "fileedit x",
    "cap",
    "summary",
    "sam",
    "q",
    "vol",
    "get mode",
    "? load.a.kw",
    "closedi",
    "_solvenocontrol",
    "init",
)
LEFT_OUT += (
    "set recorder=yes",
    "set datapath=nowhere",
    "set editor=sh",
    "set demandinterval=yes",
    "set tracecontrol=yes",
)
LEFT_OUT += (
    "set number=3",
    "set casename=x",
    "uuids nowhere.dat",
    "estimate",
    "di_plot",
)


@pytest.mark.parametrize("line", LEFT_OUT)
def test_lines_that_are_left_out_change_and_write_nothing(
    read: Read, tmp_path: Path, line: str
):
    plain = read("")
    before = sorted(path.name for path in tmp_path.iterdir())
    assert read(line) == plain
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "line",
    [
        "set mode=harmonics",
        "set mod=dynamics number=3",
        "solve mode=daily",
        "set mode=faultstudy",
    ],
)
def test_the_mode_changes_nothing_and_is_noted(read: Read, line: str):
    plain, feeder = read(""), read(line)
    assert feeder.replace(notes=()) == plain.replace(notes=())
    assert "OPENDSS.MODE" in {note.code for note in feeder.notes}


def test_options_of_a_solve_hold_from_there_on(read: Read):
    assert read("solve mode=daily loadmult=0.5 number=3").peak_load_kw == 50.0


def test_a_solve_in_the_middle_of_the_definition_is_noted(read: Read):
    notes = [
        note
        for note in read("sol\nnew monitor.m element=line.l1\nedit load.a kw=50").notes
        if "SOLVE" in note.code
    ]
    assert [(note.code, note.component) for note in notes] == [
        ("OPENDSS.SOLVE_LEFT_OUT", "line 6 of master.dss")
    ]
    assert "line 8 of master.dss" in notes[0].message
    assert not [
        note
        for note in read("edit load.a kw=50\nsolve\nset loadmult=1").notes
        if "SOLVE" in note.code
    ]


TRACES = (
    "regcontrol.r debugtrace=yes",
    "regcontrol.r debugt=t band=2",
    "regcontrol.r tapdelay=2 'yes' 16",
    "regcontrol.r deb=@y",
)


@pytest.mark.parametrize("line", TRACES)
def test_traces_are_left_out(read: Read, tmp_path: Path, line: str):
    unit = "new transformer.r buses=[b1 b2] kvs=[12.47 12.47] kvas=[500 500]\n"
    unit += "new regcontrol.r transformer=r winding=2 vreg=122 ptratio=60\nvar @y=yes\n"
    feeder = read(f"{unit}edit {line}")
    assert feeder.regulators[0].v_set_v == 122.0
    assert not list(tmp_path.glob("REG_*"))
    dropped = [
        note.component for note in feeder.notes if note.code == "OPENDSS.TRACE_DROPPED"
    ]
    assert dropped == ["line 9 of master.dss"]


DROPPED_ACTIONS = (
    "new loadshape.s npts=1 mult=(1) action=dblsave",
    "new loadshape.s npts=1 mult=1 act=s",
    "new tshape.s npts=1 temp=(1) action=d",
    "new priceshape.s npts=1 price=(1) action=sngsave",
    "new loadshape.s npts=1 mult=(1) act\u0130on=dblsave",
    "new pr\u0130ceshape.s npts=1 price=(1) action=sngsave",
)
DROPPED_ACTIONS += (
    "new energymeter.m element=line.l1 action=C phasevolt=yes",
    "new energymeter.m element=line.l1 action=save",
    "new energymeter.m element=line.l1 action=other",
    "new monitor.m element=line.l1 action=clear, mode=1",
    "new monitor.m element=line.l1\n~ action=save",
    "new energymeter.m element=line.l1\nenergymeter.m.action=zonedump",
)


@pytest.mark.parametrize("lines", DROPPED_ACTIONS)
def test_actions_on_results_are_left_out(read: Read, tmp_path: Path, lines: str):
    plain, feeder = read(""), read(lines)
    assert feeder.replace(notes=()) == plain.replace(notes=())
    notes = [note for note in feeder.notes if note.code == "OPENDSS.ACTION_DROPPED"]
    assert [note.severity for note in notes] == ["info"]
    assert [path.name for path in tmp_path.iterdir()] == ["master.dss"]


def test_what_stands_behind_an_action_is_read(read: Read):
    # the allocation takes its currents from the meter: the comma that is left must not end the line
    load = "new load.x bus1=b1 kv=12.47 kw=50 xfkva=100\n"
    meter = "new energymeter.m element=line.l1 {}, peakcurrent=(7 7 7)\nallocateloads"
    expected = read(load + meter.format("terminal=1"))
    feeder = read(load + meter.format("terminal=1, action=clear"))
    assert feeder.loads == expected.loads
    assert feeder.loads != read(load).loads


ACTIONS = (
    "new energymeter.m line.l1 1 z",
    "new energymeter.m line.l1 action=z 5",
    "new energymeter.m element=line.l1 action=allocate",
    "new energymeter.m element=line.l1 action=r",
    "m.action=s",
)
ACTIONS += (
    "new monitor.m element=line.l1\nmonitor.m.action=save mode=1",
    "new monitor.m line.l1 1 0 save",
)


@pytest.mark.parametrize("lines", ACTIONS)
def test_actions_that_cannot_be_cut_are_refused(read: Read, tmp_path: Path, lines: str):
    with pytest.raises(FeederError, match="would act"):
        read(lines)
    assert [path.name for path in tmp_path.iterdir()] == ["master.dss"]


def test_actions_that_define_are_run(read: Read):
    feeder = read(
        "new swtcontrol.s switchedobj=line.l1 action=open\nnew loadshape.s npts=2 interval=1 mult=(1 2) action=normalize"
    )
    assert not feeder.lines[0].closed


DEFINING = {
    "more kw=1\nm kw=2\n~ kw=3": 3.0,  # the generator is what goes on
    "edit load.a kw=7\nm kvar=1": 7.0,
    "load.a.kw=8": 8.0,
    "load.a.kw = 8 kvar=1": 8.0,
    "batchedit load..* kw=9": 9.0,
    "b load..* kw=9": 9.0,
    "var @p=11\nedit load.a kw=@p": 11.0,
    "edit load.a kw='2 3 *'": 6.0,
    "edit load.a kw=(2 3 *) // kw=1": 6.0,
    'new load."b!c" bus1=b1 kv=12.47 kw=5\nedit load.a kw=4': 9.0,
    "/* edit load.a kw=1\n   edit load.a kw=2 */\nedit load.a kw=12": 12.0,
    "set loadmult=2\nedit load.a kw=5": 10.0,
    "disable load.a": 0.0,
    "edit load.a kw=5\n\x0cedit load.a kw=6": 5.0,
}


@pytest.mark.parametrize(
    "lines",
    [
        lines
        for lines in DEFINING
        if not lines.startswith(("more", "b load", "edit load.a kw=5\n", "new"))
    ],
)
def test_lines_that_define(read: Read, lines: str):
    assert read(lines).peak_load_kw == pytest.approx(DEFINING[lines])


def test_continuation_goes_on_with_the_last_element(read: Read):
    assert read("more kw=1\nm kw=2\n~ kw=3").generators[0].p_kw == 3.0


def test_two_circuits_and_clear(read: Read):
    assert read("clear\n" + HEAD.replace("kw=100", "kw=60")).peak_load_kw == 60.0


# Files


def test_files_are_found_beside_the_script_before_and_after_the_circuit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder, elsewhere = tmp_path / "feeder", tmp_path / "elsewhere"
    for path, text in ((folder, "1\n2\n"), (elsewhere, "7\n7\n")):
        path.mkdir()
        (path / "shape.csv").write_text(text)
        (path / "eff.csv").write_text(text)
    master = folder / "master.dss"
    shapes = "clear\nnew loadshape.s npts=2 interval=1 mult=(file=shape.csv)\n"
    shapes += "new xycurve.e npts=2 xarray=(1 2) yarray=[file=eff.csv]\n"
    master.write_text(
        shapes
        + HEAD.replace("clear\n", "")
        + "new loadshape.t npts=2 interval=1 csvfile=shape.csv"
        + TAIL
    )
    monkeypatch.chdir(elsewhere)
    from tieline.feeders.opendss.script import compiled

    with compiled(master) as engine:
        values = []
        for name in ("s", "t"):
            engine.LoadShape.Name(name)
            values.append(list(engine.LoadShape.PMult()))
        engine.XYCurves.Name("e")
        values.append(list(engine.XYCurves.YArray()))
    assert values == [[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]


@pytest.mark.parametrize(
    "line",
    [
        r"buscoords sub\Coords.CSV",
        r'buscoords "SUB/coords.csv"',
        r"latlong file=Sub\coords.csv",
        r"buscoords (sub\coords.csv)",
    ],
)
def test_letter_case_and_backslashes_do_not_matter(read: Read, line: str):
    feeder = read("makebuslist\n" + line, sub__coords_csv="b1, 3, 4\n")
    assert sorted((feeder.bus("b1").x or 0, feeder.bus("b1").y or 0)) == [3.0, 4.0]


@pytest.mark.parametrize(
    "value",
    [
        r"(file=Sub\SHAPE.csv)",
        r'"file=sub\shape.CSV"',
        r"[FILE = sub/shape.csv, column=1]",
    ],
)
def test_arrays_in_files_are_found_whatever_the_case(tmp_path: Path, value: str):
    from tieline.feeders.opendss.script import compiled

    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "shape.csv").write_text("1\n2\n")
    master = tmp_path / "master.dss"
    master.write_text(HEAD + f"new loadshape.s npts=2 interval=1 mult={value}" + TAIL)
    with compiled(master) as engine:
        engine.LoadShape.Name("s")
        assert list(engine.LoadShape.PMult()) == [1.0, 2.0]


def test_missing_files_of_what_is_left_out_are_noted(read: Read):
    lines = "buscoords nowhere.csv\nnew loadshape.s npts=2 interval=1 mult=(file=gone.csv)\nuuids gone.dat\nedit load.a daily=s"
    feeder = read(lines)
    assert feeder.peak_load_kw == 100.0
    codes = {note.code: note.component for note in feeder.notes}
    assert codes["OPENDSS.COORDINATES_MISSING"] == "line 6 of master.dss"
    assert codes["OPENDSS.FILE_MISSING"] == "line 7 of master.dss"


def test_missing_file_of_something_that_counts_is_an_error(read: Read):
    with pytest.raises(
        FeederError,
        match=r"line 6 of master.dss: The file 'gone.csv' of a xycurve is missing",
    ):
        read("new xycurve.e npts=2 xarray=(1 2) yarray=(file=gone.csv)")


def test_rejected_lines_of_what_is_left_out_are_noted(read: Read):
    pv = "new pvsystem.p bus1=b1 kv=12.47 kva=10 pmpp=10\n"
    feeder = read(
        pv
        + "new invcontrol.i mode=voltvar vv_refreactivepower=x\nnew relay.r monitoredobj=line.l1 nonsense=3"
    )
    rejected = [
        note.component for note in feeder.notes if note.code == "OPENDSS.LINE_REJECTED"
    ]
    assert rejected == ["line 7 of master.dss", "line 8 of master.dss"]


def test_a_rejected_line_that_says_whether_a_switch_is_open_is_an_error(read: Read):
    with pytest.raises(InputError, match="line 6"):
        read("new relay.r monitoredobj=line.l1 nonsense=3 normal=open")


def test_compile_leaves_the_engine_in_its_folder_and_redirect_does_not(read: Read):
    files = {
        "sub__a_dss": "edit load.a kw=1\n",
        "sub__b_dss": "edit load.a kw=2\n",
        "b_dss": "edit load.a kw=3\n",
    }
    assert read("compile sub/a.dss\nredirect b.dss", **files).peak_load_kw == 2.0
    assert read("redirect sub/a.dss\nredirect b.dss", **files).peak_load_kw == 3.0
    assert read("cd sub\nredirect b", **files).peak_load_kw == 2.0


@pytest.mark.parametrize("name", ["/dev/zero", ".", "gone.dss", "pipe.dss"])
def test_redirects_to_what_is_no_plain_file(read: Read, tmp_path: Path, name: str):
    import os

    os.mkfifo(tmp_path / "pipe.dss")
    with pytest.raises(InputError, match=r"line 6: redirects to .* no plain file"):
        read(f"redirect {name}")


def test_loops_of_redirects(read: Read):
    with pytest.raises(InputError, match="redirects to itself"):
        read("redirect a.dss", a_dss="redirect ./b.dss\n", b_dss="redirect A.dss\n")


ARRAYS_IN_FILES = (
    "(d=pipe)",
    "[sng=pipe]",
    '"dblfileX=pipe"',
    "{ s = pipe}",
    "('dbl'=pipe)",
    "(file=pipe)",
)


@pytest.mark.parametrize("value", ARRAYS_IN_FILES)
def test_an_array_of_any_class_is_read_from_plain_files_only(
    read: Read, tmp_path: Path, value: str
):
    """However the word before its name is shortened; the engine would read a pipe."""
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(
        FeederError,
        match=r"line 6 of master.dss: The file 'pipe' of a capacitor is missing or no plain file",
    ):
        read(f"new capacitor.k bus1=b1 kv=12.47 kvar={value}")


def test_after_compile_files_are_looked_up_beside_the_compiled_one(read: Read):
    """Even if that one had gone elsewhere, as in the engine."""
    files = {
        "sub__a_dss": "cd deep\n",
        "sub__b_dss": "edit load.a kw=2\n",
        "sub__deep__b_dss": "edit load.a kw=7\n",
    }
    assert read("compile sub/a.dss\nredirect b.dss", **files).peak_load_kw == 2.0


def test_a_comment_block_begins_where_a_line_begins(read: Read):
    """The engine takes an indented one for a command, and runs what follows."""
    with pytest.raises(FeederError, match="no command that defines a feeder"):
        read("  /* note\nedit load.a kw=5\n*/")


def test_two_dots_behind_a_link_lead_back(read: Read, tmp_path: Path):
    (tmp_path / "far" / "off").mkdir(parents=True)
    (tmp_path / "far" / "b.dss").write_text("edit load.a kw=7\n")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "off")
    assert (
        read("redirect link/../b.dss", b_dss="edit load.a kw=2\n").peak_load_kw == 2.0
    )


def test_shapes_that_are_nowhere_defined_cost_no_feeder(read: Read):
    """A feeder that came without its profiles; the rest of each line counts."""
    feeder = read(
        "new load.x bus1=b1 daily=homes kv=12.47 kw=50 yearly=shops spectrum=odd pf=0.8\n"
        "new load.y bus1=b1\n"
        "~ kv=12.47 duty=mills kw=40 pf=1\n"
        "load.a.yearly=offices\n"
    )
    powers = {load.name: (load.p_kw, load.q_kvar) for load in feeder.loads}
    assert powers["x"] == pytest.approx((50, 37.5))
    assert powers["y"] == (40, 0)
    missing = [note for note in feeder.notes if note.code == "OPENDSS.SHAPE_MISSING"]
    assert len(missing) == 5
    assert "'homes'" in " ".join(str(note) for note in missing)


def test_another_fault_beside_a_missing_shape_is_told(read: Read):
    with pytest.raises(InputError, match="EffCurve"):
        read("new pvsystem.x bus1=b1 effcurve=none daily=odd\n")


def test_an_element_without_properties(read: Read):
    feeder = read("new generator.bare\n~\ngenerator.bare.enabled=no\n")
    assert [generator.name for generator in feeder.generators] == ["g"]


def test_a_pv_model_that_does_not_exist_is_constant_power(read: Read):
    pv = "new pvsystem.p bus1=b1 kv=12.47 kva=100 pmpp=80 model="
    feeder, same = read(pv + "7"), read(pv + "1")
    assert feeder.pvs == same.pvs
    assert "OPENDSS.PV_MODEL" in {note.code for note in feeder.notes}
