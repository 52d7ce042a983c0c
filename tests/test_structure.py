"""How the package hangs together: its imports go one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parents[1]
PACKAGE = "autograder"


def modules(root: Path) -> dict[str, Path]:
    """The files of the package by the names under which they are imported."""
    found = {}
    for path in (root / PACKAGE).rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imported(name: str, path: Path) -> Iterator[str]:
    """Whatever a module imports: at its top, late, or for the type checker alone."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            source = ".".join(filter(None, [above, node.module]))
            yield from (f"{source}.{alias.name}" for alias in node.names)


def graph(root: Path) -> "nx.DiGraph[str]":
    """Modules, with an edge to each that they import. A name that is no module is one in the
    module before the last dot; a package that is imported for a module in it is none.
    """
    known = modules(root)
    edges = (
        (name, other if other in known else other.rpartition(".")[0])
        for name, path in known.items()
        for other in imported(name, path)
    )
    return nx.DiGraph((a, b) for a, b in edges if b in known and a != b)


def circles(root: Path) -> list[str]:
    """One circle of each knot of modules, in words."""
    imports = graph(root)
    knots = [knot for knot in nx.strongly_connected_components(imports) if len(knot) > 1]
    ways = [nx.find_cycle(imports.subgraph(knot)) for knot in knots]
    return sorted(" → ".join([*(edge[0] for edge in way), way[0][0]]) for way in ways)


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Also not late or for the type checker; what has to know each other is one module."""
    assert len(graph(ROOT)) > 100
    assert circles(ROOT) == []


def test_a_circle_is_found_and_named(tmp_path: Path) -> None:
    """By whatever kind of import it is closed."""
    files = {
        "__init__.py": "",
        "one.py": f"from {PACKAGE} import two\n",
        "two.py": f"def late():\n    from {PACKAGE}.inner.three import thing\n",
        "inner/__init__.py": "",
        "inner/three.py": "from ..one import other\n",
        "inner/four.py": "from . import three\n",
    }
    for name, text in files.items():
        path = tmp_path / PACKAGE / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    (circle,) = circles(tmp_path)
    assert sorted(set(circle.split(" → "))) == [
        f"{PACKAGE}.inner.three",
        f"{PACKAGE}.one",
        f"{PACKAGE}.two",
    ]
