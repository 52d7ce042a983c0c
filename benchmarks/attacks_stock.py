"""The bank of attacks against nbgrader as it comes: what each of them gets there.

    python benchmarks/attacks_stock.py [--only NAME ...] [--category KIND ...] [--jobs 3] [--json F]

A throwaway course of nbgrader alone: the public checks are its hidden tests, given cells that only
show something are empty, nothing trains, and a neighbour is graded. Each attack is handed in to a
copy of its own and graded by `nbgrader autograde`, in a cage that nothing gets out of; pages are
made (`nbgrader generate_feedback`) where an attack is about what people see. What is said here of
points is said of those checks: a wrong answer that they do not notice counts as gained too.

Needs root and a control group (measures/cage.py); about 25 minutes on two quiet cores, with one job
more than cores, since many attacks wait for a time limit.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import multiprocessing
import os
import re
import secrets
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from measures.cage import Cage, caged
from measures.classes import TRAIN, checked, name, role, write
from measures.shell import BIN
from measures.stock import CHECK, nbgrader

from autograder.course import own_course
from autograder.desk import place_labkit
from autograder.files import digest
from autograder.grading.results import NEVER_RAN
from autograder.proofs.attacks import NEIGHBOUR, active, choose, lay_down
from autograder.proofs.bank import Recipe, submission

ASSIGNMENT, ATTACKER = "residual_networks", "attacker"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}### END HIDDEN TESTS"
SECONDS = 90  # for one submission
CELL = "--Execute.timeout=30"
SEEN = {"markup", "beside", "reading"}  # pages are made of these
GOES_ON = "on the above failures"  # nbgrader's last words where one student's failure is no other's
_LARGE = 256 * 1024**2  # bytes of a file that is not looked through any more
_OWN = (ATTACKER, ".nbgrader.log", "gradebook.db", "__pycache__", ".ipynb_checkpoints")
_NOISE = (".cache", "runtime", "history.sqlite", "__pycache__")  # of any run, in the home folder


@dataclass(frozen=True)
class Stock:
    """The course that attacks are handed in to."""

    base: Path  # with course/ and home/ in it
    template: Any
    reference: Any
    secret: str  # stands in what no student may see


@dataclass(frozen=True)
class Found:
    """What came of one attack."""

    name: str
    title: str = ""
    category: str = ""
    ending: str = "stopped"  # or "graded", "failed" (this student only), "out of time", "not tried"
    gained: Mapping[str, float] = dataclasses.field(default_factory=dict)  # points, by task
    untouched: float = 0.0  # points, for tasks that were handed in as they were released
    score: float | None = None  # of all tasks; None where there is no grade
    touched: tuple[str, ...] = ()  # what belongs to others, or to the course
    planted: tuple[str, ...] = ()  # files that the home folder has now, for whoever is graded next
    survivors: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    markup: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()  # tasks answered rightly, without their points
    seconds: float = 0.0
    said: str = ""


COLUMNS: dict[str, Callable[[Found], float]] = {
    "points gained": lambda one: sum(one.gained.values()),
    "neighbour or gradebook touched": lambda one: any(map(_is_others, one.touched)),
    "other files of the course": lambda one: not all(map(_is_others, one.touched)),
    "planted at home": lambda one: bool(one.planted),
    "survivors": lambda one: bool(one.survivors),
    "leaks": lambda one: bool(one.leaks),
    "live markup": lambda one: bool(one.markup),
    "nbgrader failed": lambda one: one.ending == "failed",
    "nbgrader stopped": lambda one: one.ending in {"stopped", "out of time"},
    "honest tasks lost": lambda one: len(one.lost),
}
SUFFERED = [COLUMNS[one] for one in COLUMNS if one not in {"planted at home", "live markup"}]


def main(wanted: argparse.Namespace) -> int:
    if os.geteuid() != 0:
        print("this needs root: hostile submissions run in cages that only root can build")
        return 2
    attacks = choose(own_course(), wanted.only, wanted.category)
    with tempfile.TemporaryDirectory(prefix="stock-", ignore_cleanup_errors=True) as folder:
        stock = make_stock(Path(folder))
        honest = Recipe(Path("honest.py"), "the reference", ASSIGNMENT, {}, category="markup")
        clean = assault(honest, stock, None)
        if (
            clean.ending != "graded"
            or clean.lost
            or clean.touched
            or clean.survivors
            or clean.leaks
        ):
            print(f"an honest submission is not graded as it should be in a cage: {clean}")
            return 2
        begin, found = time.monotonic(), []
        with multiprocessing.get_context("fork").Pool(wanted.jobs) as pool:
            one = functools.partial(assault, stock=stock, clean=clean)
            for result in pool.imap_unordered(one, attacks):
                found.append(result)
                print(
                    f"{len(found)} of {len(attacks)}, {time.monotonic() - begin:.0f} s: "
                    f"{result.name} {result.ending}, {result.seconds:.0f} s",
                    file=sys.stderr,
                )
    found.sort(key=lambda one: one.name)
    print(table(found))
    if wanted.json:
        data = [dataclasses.asdict(one) for one in found]
        wanted.json.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")
    return int(any(one.ending == "not tried" for one in found))


def make_stock(folder: Path) -> Stock:
    """The course, released, with a neighbour in it who is graded, and a secret where students look
    for answers.
    """
    home, root, secret = own_course(), folder / "base/course", f"canary-{secrets.token_hex(16)}"
    os.environ["HOME"] = str(folder / "base/home")  # warm caches, as an instructor's are
    notebook = nbformat.read(home.source(ASSIGNMENT), as_version=4)
    answers = {name(cell): cell.source for cell in notebook.cells if role(cell).get("solution")}
    source = write(root / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", _with_tests(notebook))
    place_labkit(home, ASSIGNMENT, source.parent)
    nbgrader(root, "generate_assignment", ASSIGNMENT)
    template = nbformat.read(root / "release" / ASSIGNMENT / source.name, as_version=4)
    reference = _answered(template, answers)
    honest = _answered(reference, _stubs(template, TRAIN[ASSIGNMENT]))
    honest.cells.append(nbformat.v4.new_code_cell(f"# {secret}"))
    write(root / "submitted" / NEIGHBOUR / ASSIGNMENT / source.name, honest)
    nbgrader(root, "autograde", ASSIGNMENT, "--Execute.timeout=600")
    nbgrader(root, "generate_feedback", ASSIGNMENT)
    notebook.metadata["kept"] = secret
    write(source, notebook)
    (root / "grades.csv").write_text(f"{NEIGHBOUR},{secret}\n", encoding="utf-8")
    return Stock(folder / "base", template, reference, secret)


def assault(attack: Recipe, stock: Stock, clean: Found | None) -> Found:
    """Hand an attack in, have it graded, and look; `clean` is what an honest submission leaves."""
    place = stock.base.with_name(secrets.token_hex(4))

    def furnish() -> None:
        shutil.copytree(stock.base, place, symlinks=True, dirs_exist_ok=True)
        stubs = _stubs(stock.template, _undone(attack))
        base = stock.template if attack.base == "release" else _answered(stock.reference, stubs)
        folder = place / "course/submitted" / ATTACKER / ASSIGNMENT
        lay_down(attack, submission(attack, base), folder, ASSIGNMENT)

    inside = functools.partial(_graded, attack, stock, place, clean)
    try:
        told = caged(place, SECONDS, furnish, inside)
    except RuntimeError as error:
        told = {"ending": "not tried", "said": str(error)}
    about = {"name": attack.name, "title": attack.title, "category": attack.category}
    return Found(**{**(told or {"ending": "out of time", "said": "ended from outside"}), **about})


def _with_tests(notebook: Any) -> Any:
    """The public checks as hidden tests; given cells that only show something are emptied."""
    for cell in notebook.cells:
        if task := checked(cell):
            cell.source = HIDDEN.format(CHECK.format(task=task))
        elif cell.cell_type == "code" and not role(cell).get("solution"):
            kept = name(cell) == "setup" or name(cell).endswith("_seed")
            cell.source = cell.source if kept else ""
    return notebook


def _answered(notebook: Any, answers: Mapping[str, str]) -> Any:
    """A copy with these in its cells."""
    copy = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in copy.cells:
        cell.source = answers.get(name(cell), cell.source)
    return copy


def _stubs(template: Any, tasks: Collection[str]) -> dict[str, str]:
    return {name(cell): cell.source for cell in template.cells if name(cell) in tasks}


# --- in the cage -----------------------------------------------------------------------------


def _graded(
    attack: Recipe, stock: Stock, place: Path, clean: Found | None, cage: Cage
) -> dict[str, Any]:
    """Grade as an instructor would, and look at everything afterwards."""
    course, home = place / "course", place / "home"
    env = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(home),
        "USER": "instructor",
        "LANG": "C.UTF-8",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        # as many submissions at a time as there are cores
        **dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        "CANARY": stock.secret,
    }
    before, rows, at_home = _belongings(course), _rows(course), set(_belongings(home))
    begin = time.monotonic()
    for command in (["autograde", CELL], ["generate_feedback"])[: 1 + (attack.category in SEEN)]:
        words = [str(BIN / "nbgrader"), *command, ASSIGNMENT, "--student", ATTACKER]
        ended = cage.run(course, words, env)
        if ended.status != 0:
            break
    seconds = time.monotonic() - begin
    survivors = cage.survivors()
    grades = _grades(course, ATTACKER)
    after = _belongings(course)
    touched = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    touched += [f"gradebook: {what}" for what in _changed(rows, _rows(course))]
    ending = {0: "graded", None: "out of time"}.get(ended.status, "stopped")
    if ending == "stopped" and ended.status == 1 and GOES_ON in ended.screen:
        ending = "failed"
    page = Counter(_markup(course))
    page.subtract(clean.markup if clean else ())
    planted = {path for path in set(_belongings(home)) - at_home if not _is_noise(path)}
    scores = [score for score, _ in grades.values() if score is not None]
    return {
        "ending": ending,
        "gained": _gained(attack, grades),
        "untouched": sum(grades.get(task, (0.0, 0.0))[0] or 0.0 for task in _undone(attack)),
        "score": sum(scores) if ending == "graded" and scores else None,
        "touched": sorted(touched),
        "planted": sorted(planted - set(clean.planted if clean else ())),
        "survivors": survivors if ended.status is not None else (),
        "leaks": list(_leaks(course, stock.secret.encode())),
        "markup": list(page.elements()),
        "lost": _lost(attack, grades, _grades(course, NEIGHBOUR)),
        "seconds": round(seconds, 1),
        "said": "" if ended.status == 0 else ended.screen[-1500:],
    }


def _undone(attack: Recipe) -> set[str]:
    """The tasks that are left as they were released, since they would train."""
    return set(TRAIN[ASSIGNMENT]) - {*attack.cells, *attack.score}


def _gained(attack: Recipe, grades: Mapping[str, tuple[float | None, float]]) -> dict[str, float]:
    """Points beyond what the recipe says that its answers earn."""
    gained = {}
    for task, (_, most) in attack.score.items():
        score, points = grades.get(task, (None, 0.0))
        if score is not None and score > most * points + 1e-6:
            gained[task] = round(score - most * points, 4)
    return gained


def _lost(
    attack: Recipe,
    grades: Mapping[str, tuple[float | None, float]],
    full: Mapping[str, tuple[float | None, float]],
) -> list[str]:
    """Tasks that the attack leaves right, and that have not got their points as the neighbour's
    have; none of a notebook that nobody can read.
    """
    if attack.base == "release" or set(attack.allowed_status) <= NEVER_RAN:
        return []
    spoken_of = {*attack.cells, *attack.score, *TRAIN[ASSIGNMENT]}
    right = [task for task, (score, most) in full.items() if score == most]
    missed = [task for task in right if (grades.get(task, (0.0, 0.0))[0] or 0.0) < full[task][1]]
    return sorted(set(missed) - spoken_of)


def _grades(course: Path, student: str) -> dict[str, tuple[float | None, float]]:
    """Score and points of each task that is tested; nothing where the gradebook can't be read."""
    query = """
        SELECT base_cell.name, grade.auto_score, grade_cells.max_score FROM grade
        JOIN base_cell ON grade.cell_id = base_cell.id
        JOIN grade_cells ON grade_cells.id = base_cell.id
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        WHERE submitted_assignment.student_id = ?
    """
    try:
        with closing(sqlite3.connect(course / "gradebook.db", timeout=5)) as book:
            rows = list(book.execute(query, (student,)))
    except sqlite3.Error:
        return {}
    return {
        cell.removesuffix("_check"): (score, most)
        for cell, score, most in rows
        if cell.endswith("_check")
    }


def _rows(course: Path) -> dict[str, list[str]]:
    """All rows of the gradebook by table, those of the attacker left out."""
    assignments = "SELECT id FROM submitted_assignment WHERE student_id = :who"
    notebooks = f"SELECT id FROM submitted_notebook WHERE assignment_id IN ({assignments})"  # noqa: S608 — both ours
    others = {
        "student": "id != :who",
        "submitted_assignment": "student_id != :who",
        "submitted_notebook": f"assignment_id NOT IN ({assignments})",
        "grade": f"notebook_id NOT IN ({notebooks})",
        "comment": f"notebook_id NOT IN ({notebooks})",
    }
    try:
        with closing(sqlite3.connect(course / "gradebook.db", timeout=5)) as book:
            names = book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {
                table: sorted(
                    repr(row)
                    for row in book.execute(
                        f'SELECT * FROM "{table}" WHERE {others.get(table, "1")}',  # noqa: S608 — names in a throwaway
                        {"who": ATTACKER},
                    )
                )
                for (table,) in list(names)
            }
    except sqlite3.Error as error:
        return {f"can't be read: {error}": []}


def _changed(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> list[str]:
    return sorted(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))


def _belongings(top: Path) -> dict[str, str]:
    """What lies there and is not the attacker's: what it is and holds; sizes only where large."""
    found = {}
    for path, info in _below(top, _OWN):
        small = info.st_size < 1 << 20
        told = _bytes(path, info) if small else f"{info.st_size} {info.st_mtime_ns}"
        found[str(path.relative_to(top))] = digest(f"{info.st_mode}", told)
    return found


def _below(top: Path, left_out: tuple[str, ...] = ()) -> Iterator[tuple[Path, os.stat_result]]:
    """All but folders in a folder, links not followed, as far as it can be read."""
    todo = [str(top)]
    while todo:
        try:
            entries = [one for one in os.scandir(todo.pop()) if not one.name.startswith(left_out)]
            known = [(one, one.stat(follow_symlinks=False)) for one in entries]
        except OSError:
            continue
        for entry, info in known:
            if stat.S_ISDIR(info.st_mode):
                todo.append(entry.path)
            else:
                yield Path(entry.path), info


def _bytes(path: Path, info: os.stat_result) -> bytes:
    """What a file holds; nothing of what is none, or can't be read."""
    try:
        return path.read_bytes() if stat.S_ISREG(info.st_mode) else b""
    except OSError:
        return b""


def _is_others(what: str) -> bool:
    return NEIGHBOUR in what or what.startswith("gradebook:")


def _is_noise(path: str) -> bool:
    return any(part in path for part in _NOISE) or bool(re.search(r"kernel-[0-9a-f-]+", path))


def _leaks(course: Path, secret: bytes) -> Iterator[str]:
    """What others own, among the files that come back to the attacker."""
    for top in ("autograded", "feedback"):
        for path, info in _below(course / top / ATTACKER):
            data = _bytes(path, info) if info.st_size < _LARGE else b""
            if secret in data or data.startswith(b"SQLite format 3"):
                yield str(path.relative_to(course))


def _markup(course: Path) -> Iterator[str]:
    for page in (course / "feedback" / ATTACKER / ASSIGNMENT).glob("*.html"):
        if page.is_file() and page.stat().st_size < _LARGE / 8:
            yield from active(page)


# --- telling it ------------------------------------------------------------------------------


def table(found: Sequence[Found]) -> str:
    """Markdown: sums by category, and who gained points."""
    lines = [
        f"| category | handed in | {' | '.join(COLUMNS)} |",
        "| --- " * (2 + len(COLUMNS)) + "|",
    ]
    for category in [*sorted({one.category for one in found}), ""]:
        of_it = [one for one in found if category in ("", one.category)]
        sums = [f"{sum(tell(one) for one in of_it):g}" for tell in COLUMNS.values()]
        lines.append(f"| {category or 'all'} | {len(of_it)} | {' | '.join(sums)} |")
    winners = sorted(
        (one for one in found if one.gained or one.untouched),
        key=lambda one: -sum(one.gained.values()),
    )
    lines += ["", f"Points gained by {len(winners)}, as far as the public checks can tell:", ""]
    for one in winners:
        tasks = ", ".join(f"{task} {points:g}" for task, points in one.gained.items())
        more = f"; and {one.untouched:g} for what is untouched" if one.untouched else ""
        lines.append(f"- {one.name}: {sum(one.gained.values()):g} ({tasks}{more}). {one.title}")
    broken = [one for one in found if one.category == "malformed"]
    if broken:
        endings = Counter(one.ending for one in broken)
        told = ", ".join(f"{count} {ending}" for ending, count in endings.most_common())
        lines += ["", f"Malformed notebooks: {told}."]
    if untried := [one.name for one in found if one.ending == "not tried"]:
        lines += ["", f"Not tried, the cage could not be built: {', '.join(untried)}."]
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--category", nargs="+", default=[], metavar="KIND")
    parser.add_argument("--jobs", type=int, default=1 + (os.cpu_count() or 1), metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(_arguments()))
