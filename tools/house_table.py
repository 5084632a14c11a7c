"""How the source is written, in numbers: one column per source folder, old beside new.

    python tools/house_table.py [SRC ...] [--folders] [--densest 25] [--names] [--parallel]

Without SRC it measures the `src` of this repository. `--folders` adds the main numbers of each folder, `--densest N` the
functions with the most syntax nodes a line, `--names` and `--parallel` every place that breaks the rule for names or for air;
these two and `--densest` read the last SRC. It needs only the standard library, therefore any Python package can be measured.

What is counted:

- *Line*: a physical line of a `.py` file. *Function*: every `def`, nested ones and methods too.
- *Function lines*: from `def` to the last line, docstring included.
- *Body lines*: from the first statement after the docstring to the last line, blank lines and comments between them included.
  Formatting counts, therefore: one thought a line is what this measures.
- *Nodes*: what `ast.walk` visits in the statements of a body (docstring left out), `Load` and `Store` marks included.
- *Parallel assignment*: a tuple on both sides, `a, b = 1, 2`. Taking a tuple apart, `a, b = pair`, is none. A *true pair* assigns
  two names that differ only by the two words of one of `PAIRS`.
- *Statement*: every `ast.stmt`, definitions and imports included.
- *Local name*: each name that a function binds or takes as a parameter, once per function. Pronouns and participles: the words
  of `NOT_NOUNS`.
- *Cyclomatic*: 1 for the function and 1 for each `if`, ternary, loop, loop `else`, `except`, `assert`, `case`, comprehension and
  its conditions, and each further operand of `and` / `or`; nested functions add theirs.
- *Comments*: comment lines and line ends, without directives to tools (`noqa`, `type:`, `pyright:`, `fmt:`, `pragma:`).
  *Code line*: a line that holds a token of code; lines of docstrings are none.
- *Mean line*: characters without indentation, blank lines left out. *Public*: no underscore in front, nor its class.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import statistics
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"

VAGUE_WORDS = "own mine ours theirs here there late later rest some other others both nothing everything without"
PARTICIPLES = "found known given left taken held chosen drawn seen lent kept moved done wanted shown started asked judged"
NOT_NOUNS = frozenset(f"{VAGUE_WORDS} {PARTICIPLES}".split())
"""Words that say nothing of what a value is: possessives, adverbs of place and time, indefinite pronouns, bare participles.

`now` is not among them: that is what code calls the moment that it is given as an argument.
"""

PAIR_WORDS = (
    "p/q re/im real/imag r/x g/b x/y kw/kvar low/high lowest/highest min/max lower/upper least/most "
    "from/to start/end begin/end start/stop first/last first/second plus/minus positive/negative "
    "left/right rows/columns row/column width/height old/new before/after hv/lv charge/discharge"
)
PAIRS = frozenset(tuple(pair.split("/")) for pair in PAIR_WORDS.split())
"""Words that make two names a true pair: p_kw and q_kw, v_low and v_high."""

DIRECTIVES = ("noqa", "type:", "pyright:", "fmt:", "pragma:", "ruff:", "!")
LONG_LINE = 110
SHORT_FUNCTION, LONG_FUNCTION = 15, 40
COMPLEX = 10
SMALLEST_BODY = 3
"""Body lines from which a function can stand among the densest: shorter ones are single calls."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
BRANCHES = ast.If | ast.IfExp | ast.ExceptHandler | ast.Assert | ast.match_case
LOOPS = ast.For | ast.AsyncFor | ast.While


@dataclass(frozen=True)
class Body:
    """One function: where it stands and how large it is."""

    place: str
    name: str
    lines: int
    body_lines: int
    nodes: int
    complexity: int
    parameters: int
    names: frozenset[str]
    """Parameters and everything that it binds."""


@dataclass
class Counts:
    """What one file, or several together, hold."""

    files: list[int] = field(default_factory=list)
    """Lines of each file."""
    line_lengths: list[int] = field(default_factory=list)
    """Of every line that is not blank: characters with indentation."""
    stripped_lengths: list[int] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    parallel: list[str] = field(default_factory=list)
    """Place and text of each parallel assignment that is no true pair."""
    tally: Counter[str] = field(default_factory=Counter)

    def add(self, more: Counts) -> None:
        """Take in the counts of other files."""
        self.files += more.files
        self.line_lengths += more.line_lengths
        self.stripped_lengths += more.stripped_lengths
        self.bodies += more.bodies
        self.parallel += more.parallel
        self.tally += more.tally


def count_source(text: str, place: str) -> Counts:
    """Counts of one file; `place` is the name it has in lists."""
    lines = text.splitlines()
    written = [line for line in lines if line.strip()]
    tree = ast.parse(text)
    counts = Counts(
        files=[len(lines)],
        line_lengths=[len(line) for line in written],
        stripped_lengths=[len(line.strip()) for line in written],
    )
    _count_tokens(text, _docstring_lines(tree), counts.tally)
    for node in ast.walk(tree):
        _count_node(node, place, counts)
    _count_public(tree.body, counts.tally)
    return counts


def _count_node(node: ast.AST, place: str, counts: Counts) -> None:
    tally = counts.tally
    tally["statements"] += isinstance(node, ast.stmt)
    tally["ternaries"] += isinstance(node, ast.IfExp)
    tally["double comprehensions"] += (
        isinstance(node, Comprehension) and len(node.generators) > 1
    )
    if isinstance(node, ast.Assign) and is_parallel(node):
        tally["parallel"] += 1
        if not is_true_pair(node):
            counts.parallel.append(f"{place}:{node.lineno}  {ast.unparse(node)}")
    if isinstance(node, Function):
        counts.bodies.append(_body(node, place))
        _count_annotations(node, tally)


def is_parallel(node: ast.Assign) -> bool:
    """Whether a tuple stands on both sides."""
    return isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple)


def is_true_pair(node: ast.Assign) -> bool:
    """Whether two names are assigned that differ only by the words of a pair."""
    targets = node.targets[0]
    assert isinstance(targets, ast.Tuple)
    if len(targets.elts) != 2:
        return False
    first, second = (re.split(r"[._]", ast.unparse(target)) for target in targets.elts)
    if len(first) != len(second):
        return False
    changes = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return bool(changes) and all(change in PAIRS for change in changes)


def _body(node: Function, place: str) -> Body:
    statements = (
        node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    )
    body_lines = 0
    if statements:
        body_lines = (statements[-1].end_lineno or 0) - statements[0].lineno + 1
    return Body(
        place=f"{place}:{node.lineno}",
        name=node.name,
        lines=(node.end_lineno or 0) - node.lineno + 1,
        body_lines=body_lines,
        nodes=sum(1 for statement in statements for _ in ast.walk(statement)),
        complexity=complexity(node),
        parameters=len(_parameters(node)),
        names=frozenset(_local_names(node)),
    )


def complexity(function: ast.AST) -> int:
    """Independent paths through a function, by McCabe's count."""
    return 1 + sum(_paths(node) for node in ast.walk(function))


def _paths(node: ast.AST) -> int:
    if isinstance(node, BRANCHES):
        return 1
    if isinstance(node, LOOPS):
        return 1 + bool(node.orelse)
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    return 0


def _parameters(node: Function) -> list[ast.arg]:
    arguments = node.args
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _local_names(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _count_annotations(node: Function, tally: Counter[str]) -> None:
    annotated = [one for one in _parameters(node) if one.arg not in {"self", "cls"}]
    tally["parameters"] += len(annotated)
    tally["parameters annotated"] += sum(
        one.annotation is not None for one in annotated
    )


def _count_public(body: list[ast.stmt], tally: Counter[str]) -> None:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            kind = "classes" if isinstance(node, ast.ClassDef) else "functions"
            tally[f"public {kind}"] += 1
            tally[f"public {kind} with docstring"] += (
                ast.get_docstring(node) is not None
            )
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            _count_public(node.body, tally)


def _count_tokens(text: str, prose: set[int], tally: Counter[str]) -> None:
    not_code = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
    }
    not_code |= {tokenize.ENCODING, tokenize.ENDMARKER}
    code_lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            comment = token.string.lstrip("# ")
            tally["comments"] += not comment.startswith(DIRECTIVES)
            tally["to do"] += comment.startswith(("TODO", "FIXME", "XXX"))
        elif token.type not in not_code:
            code_lines.update(range(token.start[0], token.end[0] + 1))
    tally["code lines"] += len(code_lines - prose)


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Lines of every string that stands alone as a statement."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def count_folder(source: Path) -> dict[str, Counts]:
    """Counts by folder below the package, two levels deep; modules at its root stand under '.'."""
    by_folder: dict[str, Counts] = {}
    root = package_root(source)
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root)
        folder = "/".join(relative.parts[:-1][:2]) or "."
        counts = count_source(path.read_text(encoding="utf-8"), relative.as_posix())
        by_folder.setdefault(folder, Counts()).add(counts)
    return by_folder


def package_root(source: Path) -> Path:
    """The package in a source folder that holds just one, otherwise the folder itself."""
    packages = [path.parent for path in source.glob("*/__init__.py")]
    is_package = (source / "__init__.py").exists()
    return packages[0] if len(packages) == 1 and not is_package else source


def total(by_folder: dict[str, Counts]) -> Counts:
    """All folders together."""
    everywhere = Counts()
    for counts in by_folder.values():
        everywhere.add(counts)
    return everywhere


def nodes_per_line(counts: Counts) -> float:
    """Syntax nodes per body line."""
    lines = sum(body.body_lines for body in counts.bodies)
    return sum(body.nodes for body in counts.bodies) / max(lines, 1)


def per_thousand_statements(counts: Counts, number: int) -> float:
    """`number` per 1000 statements."""
    return 1000 * number / max(counts.tally["statements"], 1)


def not_nouns_pct(counts: Counts) -> float:
    """Share of local names that are pronouns or participles [%]."""
    names = sum(len(body.names) for body in counts.bodies)
    return (
        100 * sum(len(body.names & NOT_NOUNS) for body in counts.bodies) / max(names, 1)
    )


def comments_per_hundred(counts: Counts) -> float:
    """Comments per 100 code lines."""
    return 100 * counts.tally["comments"] / max(counts.tally["code lines"], 1)


def long_lines_pct(counts: Counts) -> float:
    """Share of lines past `LONG_LINE` characters [%]."""
    long = sum(length > LONG_LINE for length in counts.line_lengths)
    return 100 * long / max(len(counts.line_lengths), 1)


def quantile(values: Sequence[int], share: float) -> int:
    """The value below which `share` of all lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _sizes(values: Sequence[int], *shares: float) -> str:
    middle = f"{statistics.median(values):.0f}"
    return " / ".join(
        [middle, *(str(quantile(values, share)) for share in shares), str(max(values))]
    )


def _share_pct(values: Sequence[int], limit: int) -> float:
    return 100 * sum(value <= limit for value in values) / len(values)


def _tallied_pct(counts: Counts, name: str, whole: str) -> float:
    return 100 * counts.tally[name] / max(counts.tally[whole], 1)


def _lengths(counts: Counts) -> list[int]:
    return [body.lines for body in counts.bodies]


def _complexities(counts: Counts) -> list[int]:
    return [body.complexity for body in counts.bodies]


def _function_shares(counts: Counts) -> str:
    shares = [
        _share_pct(_lengths(counts), limit) for limit in (SHORT_FUNCTION, LONG_FUNCTION)
    ]
    return f"{shares[0]:.0f} / {shares[1]:.1f} %"


def _ternaries(counts: Counts) -> str:
    ternaries = per_thousand_statements(counts, counts.tally["ternaries"])
    double = per_thousand_statements(counts, counts.tally["double comprehensions"])
    return f"{ternaries:.1f}; {double:.1f}"


def _line_lengths(counts: Counts) -> str:
    return f"{statistics.mean(counts.stripped_lengths):.1f}; {long_lines_pct(counts):.1f} %"


def _complexity(counts: Counts) -> str:
    numbers = _complexities(counts)
    above = 100 - _share_pct(numbers, COMPLEX)
    return f"{statistics.mean(numbers):.2f}; {above:.1f} %; {max(numbers)}"


def _docstrings(counts: Counts) -> str:
    shares = [
        _tallied_pct(counts, f"public {kind} with docstring", f"public {kind}")
        for kind in ("functions", "classes")
    ]
    return f"{shares[0]:.0f} / {shares[1]:.0f} %"


def parallel_per_thousand(counts: Counts) -> float:
    """Parallel assignments, true pairs included, per 1000 statements."""
    return per_thousand_statements(counts, counts.tally["parallel"])


def unpaired_per_thousand(counts: Counts) -> float:
    """Parallel assignments that are no true pairs, per 1000 statements."""
    return per_thousand_statements(counts, len(counts.parallel))


ROWS: dict[str, Callable[[Counts], str]] = {
    "files / lines": lambda c: f"{len(c.files)} / {sum(c.files) / 1000:.1f}k",
    "lines per file; median module": lambda c: (
        f"{statistics.mean(c.files):.0f}; {statistics.median(c.files):.0f}"
    ),
    "largest module [lines]": lambda c: f"{max(c.files)}",
    "function lines median / 90 % / 95 % / max": lambda c: _sizes(
        _lengths(c), 0.90, 0.95
    ),
    f"functions <= {SHORT_FUNCTION} / <= {LONG_FUNCTION} lines": _function_shares,
    "nodes per body line": lambda c: f"{nodes_per_line(c):.1f}",
    "nodes per function median / 99 % / max": lambda c: _sizes(
        [body.nodes for body in c.bodies if body.body_lines], 0.99
    ),
    "parallel assignments; no true pairs, per 1000": lambda c: (
        f"{parallel_per_thousand(c):.1f}; {unpaired_per_thousand(c):.1f}"
    ),
    "ternaries; double comprehensions per 1000": _ternaries,
    f"mean line [chars]; lines > {LONG_LINE}": _line_lengths,
    "local names: pronouns or participles": lambda c: f"{not_nouns_pct(c):.1f} %",
    f"cyclomatic mean; share > {COMPLEX}; max": _complexity,
    "comments per 100 code lines; to do": lambda c: (
        f"{comments_per_hundred(c):.1f}; {c.tally['to do']}"
    ),
    "parameters annotated": lambda c: (
        f"{_tallied_pct(c, 'parameters annotated', 'parameters'):.0f} %"
    ),
    "public functions / classes with docstring": _docstrings,
    "parameters median / 95 % / max": lambda c: _sizes(
        [b.parameters for b in c.bodies], 0.95
    ),
}

FOLDER_COLUMNS: dict[str, Callable[[Counts], str]] = {
    "files": lambda c: f"{len(c.files)}",
    "lines": lambda c: f"{sum(c.files)}",
    "nodes/line": lambda c: f"{nodes_per_line(c):.1f}",
    "unpaired/1000": lambda c: f"{unpaired_per_thousand(c):.1f}",
    "ternaries/1000": lambda c: (
        f"{per_thousand_statements(c, c.tally['ternaries']):.0f}"
    ),
    "not nouns [%]": lambda c: f"{not_nouns_pct(c):.1f}",
    "comments/100": lambda c: f"{comments_per_hundred(c):.1f}",
    f"lines > {LONG_LINE} [%]": lambda c: f"{long_lines_pct(c):.1f}",
    "longest function": lambda c: f"{max(_lengths(c), default=0)}",
}


def house_table(columns: dict[str, Counts]) -> str:
    """The whole table, one column per source."""
    rows = [
        [label, *(measure(counts) for counts in columns.values())]
        for label, measure in ROWS.items()
    ]
    return markdown(["", *columns], rows)


def folder_table(columns: dict[str, dict[str, Counts]]) -> str:
    """The main numbers of each folder; those of several sources stand in one cell, in order."""
    folders = sorted({name for by_folder in columns.values() for name in by_folder})
    rows = [
        [folder, *_folder_cells(folder, list(columns.values()))] for folder in folders
    ]
    return markdown(["folder", *FOLDER_COLUMNS], rows)


def _folder_cells(folder: str, sources: list[dict[str, Counts]]) -> list[str]:
    cells = []
    for measure in FOLDER_COLUMNS.values():
        numbers = [
            measure(source[folder]) if folder in source else "-" for source in sources
        ]
        cells.append(" > ".join(numbers))
    return cells


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A markdown table, aligned for readers in a terminal."""
    widths = [
        max(len(cell) for cell in cells) for cells in zip(head, *rows, strict=True)
    ]
    lines = [head, ["-" * width for width in widths], *rows]
    padded = [
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in lines
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def densest(counts: Counts, number: int) -> list[str]:
    """The functions with the most nodes per body line: nodes per line, place, name, body lines."""
    candidates = [body for body in counts.bodies if body.body_lines >= SMALLEST_BODY]
    candidates.sort(key=lambda body: body.nodes / body.body_lines, reverse=True)
    return [
        f"{body.nodes / body.body_lines:6.1f}  {body.place}  {body.name} ({body.body_lines} lines)"
        for body in candidates[:number]
    ]


def not_nouns(counts: Counts) -> list[str]:
    """Place and name of each local name that is a pronoun or a participle."""
    bodies = [body for body in counts.bodies if body.names & NOT_NOUNS]
    return [
        f"{body.place}  {body.name}: {', '.join(sorted(body.names & NOT_NOUNS))}"
        for body in bodies
    ]


def _column_names(sources: list[Path]) -> list[str]:
    """The last part of each path that tells the sources apart."""
    names = [path.parent.name if path.name == "src" else path.name for path in sources]
    is_clear = len(set(names)) == len(names)
    return names if is_clear else [str(path) for path in sources]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "sources", nargs="*", type=Path, default=[SOURCE], metavar="SRC"
    )
    parser.add_argument(
        "--folders", action="store_true", help="the main numbers of each folder"
    )
    parser.add_argument(
        "--densest",
        type=int,
        default=0,
        metavar="N",
        help="list the N densest functions",
    )
    parser.add_argument(
        "--names", action="store_true", help="list local names that are not nouns"
    )
    parser.add_argument(
        "--parallel", action="store_true", help="list parallel assignments"
    )
    arguments = parser.parse_args()

    sources = [path.resolve() for path in arguments.sources]
    for path in sources:
        if not path.is_dir():
            parser.error(f"'{path}' is not a folder")
    counted = dict(zip(_column_names(sources), map(count_folder, sources), strict=True))
    totals = {name: total(by_folder) for name, by_folder in counted.items()}
    newest = list(totals.values())[-1]

    print(house_table(totals))
    if arguments.folders:
        print("\n" + folder_table(counted))
    lists = [
        densest(newest, arguments.densest),
        not_nouns(newest) if arguments.names else [],
        newest.parallel if arguments.parallel else [],
    ]
    for lines in lists:
        if lines:
            print("\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
