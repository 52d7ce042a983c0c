"""The shape of the code in figures: lines by package, long and branching functions, circles of
imports, repeated lines, and how much of the graders is claims.

    python benchmarks/structure.py [ROOT]

A branch is an `if`, loop, `except`, `and`/`or`, comprehension with its conditions, conditional
expression, `assert` or case (McCabe 1976, with a point for each condition). A circle is a set of
modules each of which imports the others, directly or through others, wherever in the text the
import stands. Repeated lines: six lines in a row, names and white space aside from indentation
unchanged, that stand in two places.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

BRANCHES, LONG, SIX = 10, 40, 6
IDLE = ("#", "import ", "from ")  # lines that may well stand in many places
LEFT_OUT = {".venv", "bank", "attacks", "runs", "demo", "dist", "__pycache__"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main(root: Path) -> None:
    files = {
        path.relative_to(root): path.read_text(encoding="utf-8")
        for path in sorted(root.rglob("*.py"))
        if not LEFT_OUT & set(path.relative_to(root).parts)
    }
    engine = {path: text for path, text in files.items() if path.parts[0] == "autograder"}
    print("lines by package")
    lines = Counter[str]()
    for path, text in engine.items():
        lines[path.parts[1] if len(path.parts) > 2 else "(top level)"] += text.count("\n")
    for package, count in sorted(lines.items()):
        print(f"  {package:18} {count:6}")
    print(f"  {'all':18} {sum(lines.values()):6}")
    for title, few in (("autograder", engine), ("with tests and benchmarks", files)):
        functions = [one for text in few.values() for one in _functions(ast.parse(text))]
        branching = sum(branches(one) > BRANCHES for one in functions)
        long = sum((one.end_lineno or 0) - one.lineno + 1 > LONG for one in functions)
        over = f"{branching} over {BRANCHES} branches, {long} over {LONG} lines"
        print(f"{title}: {len(functions)} functions, {over}")
    circles = list(import_circles(engine))
    print(f"circles of imports: {len(circles)}")
    for circle in circles:
        print(f"  {len(circle)}: {', '.join(sorted(circle))}")
    print(f"repeated stretches of {SIX} lines and more: {len(repeated(files))}")
    hidden = {path: text for path, text in engine.items() if path.parts[1] == "graders"}
    whole = sum(text.count("\n") for text in hidden.values())
    claims = sum(map(claiming, hidden.values()))
    print(f"graders: {whole} lines, {claims} of them checks ({claims / max(whole, 1):.0%})")


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def branches(function: Function) -> int:
    """The ways through a function, functions inside it left out."""
    found, todo = 1, [*ast.iter_child_nodes(function)]
    while todo:
        node = todo.pop()
        if isinstance(node, Function | ast.ClassDef):
            continue
        todo += ast.iter_child_nodes(node)
        found += _points(node)
    return found


def _points(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    one = ast.If | ast.IfExp | ast.For | ast.While | ast.AsyncFor | ast.ExceptHandler | ast.Assert
    return int(isinstance(node, one | ast.match_case))


def import_circles(files: dict[Path, str]) -> Iterator[set[str]]:
    """The circles among modules (Tarjan 1972: strongly connected components)."""
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): text
               for path, text in files.items()}  # fmt: skip
    edges = {name: set(_imports(name, text, modules)) for name, text in modules.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in edges[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            place = stack.index(name)
            found.append(set(stack[place:]))
            del stack[place:]

    for name in edges:
        if name not in index:
            visit(name)
    return (circle for circle in found if len(circle) > 1)


def _imports(name: str, text: str, modules: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            here = name.split(".")[: -node.level] if node.level else []
            base = ".".join([*here, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in modules or base in modules:
                    yield inner if inner in modules else base


def repeated(files: dict[Path, str]) -> set[tuple[Path, int]]:
    """Where a stretch of six lines begins that stands somewhere before, too."""
    places: dict[tuple[str, ...], list[tuple[Path, int]]] = defaultdict(list)
    for path, text in files.items():
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
        lines = [(n, line) for n, line in lines if line and not line.startswith(IDLE)]
        for start in range(len(lines) - SIX + 1):
            window = lines[start : start + SIX]
            places[tuple(line for _, line in window)].append((path, window[0][0]))
    again = {place for found in places.values() for place in found[1:]}
    return {(path, line) for path, line in again if (path, line - 1) not in again}


def claiming(text: str) -> int:
    """The lines of a grader's checks, from the first mark to the last claim."""
    found = 0
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            found += (node.end_lineno or first) - first + 1
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
