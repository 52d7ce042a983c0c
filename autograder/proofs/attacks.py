"""Attacks and broken notebooks, handed in beside honest bystanders and graded for real, and what
must be true afterwards.

A course folder is made for it. Each attack is a student, and so is a bystander for each, graded at
the same time; one neighbour is graded before. Then nobody else's points, files or rows of the
gradebook have changed, nothing lives on, nothing is left over, no page is active, and no secret
stands in what the attacker gets back.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import secrets
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat

from autograder.bench import Bench, open_bench
from autograder.course import Course, find_course
from autograder.errors import AutograderError, UsageError
from autograder.files import digest, write
from autograder.grading.results import NEVER_RAN
from autograder.grading.stages import stored_verdict
from autograder.proofs.bank import HAND_IN, Recipe, read_attacks, submission
from autograder.proofs.comparing import Deviation, compare, share
from autograder.records import Verdict
from autograder.rooms import cgroup, processes, sandbox
from autograder.sample import lay_out
from autograder.tables import unknown

NEIGHBOUR = "a neighbour"  # graded before all others
BESIDE = ".beside"  # the bystander of an attack is called after it
# Enough for honest cells that don't train, even on a busy machine.
LIMITS = {
    "cell_seconds": 20,
    "question_seconds": 15,
    "submission_seconds": 150,
    "memory_bytes": 2 * 1024**3,
}
_MOST_BYTES = 64 * 1024**2  # that come back to one student
_LEAVING_SECONDS = 10
_ACTIVE = {"script", "iframe", "frame", "object", "embed", "base", "form", "applet", "link"}


@dataclass(frozen=True)
class Suffered:
    """What came of one attack, or, by the name of (all), of what belongs to none of them."""

    name: str
    title: str
    category: str
    deviations: tuple[Deviation, ...]
    gained: float = 0.0  # points that its answers do not earn
    status: str = ""
    isolation: str = ""
    incidents: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass
class Siege:
    """A course with attacks in it, to be graded."""

    course: Course
    attacks: tuple[Recipe, ...]
    secret: str  # stands in all that nobody may get to see
    benches: dict[str, Bench] = field(default_factory=dict)
    left_out: dict[str, set[str]] = field(default_factory=dict)  # by attack: tasks left untouched

    @property
    def assignments(self) -> list[str]:
        """Those that are attacked."""
        return sorted({attack.assignment for attack in self.attacks})


def choose(course: Course, names: Sequence[str], categories: Sequence[str]) -> list[Recipe]:
    """The attacks of these names and of these categories; all where nothing is named.

    Raises:
        UsageError: the bank is empty, or has none of that name.
    """
    bank = read_attacks(course.attacks)
    known = [recipe.name for recipe in bank]
    for name in names:
        if name not in known:
            raise UsageError(unknown("attack", name, known))
    wanted = not names and not categories
    chosen = [r for r in bank if wanted or r.name in names or r.category in categories]
    if not chosen:
        raise UsageError(f"there are no attacks of the category {', '.join(categories)}")
    return chosen


def lay_siege(home: Course, attacks: Iterable[Recipe], folder: Path) -> Siege:
    """A copy of the course in which the attacks and their bystanders have handed in.

    Raises:
        UsageError: an attack speaks of what the course does not have.
    """
    attacks = tuple(attacks)
    secret = f"canary-{secrets.token_hex(16)}"
    course = lay_out(home, folder, sorted({attack.assignment for attack in attacks}))
    siege = Siege(_settled(course, secret), attacks, secret)
    for name in siege.assignments:
        siege.benches[name] = open_bench(siege.course, name)
        _hand_in_honestly(siege, name, NEIGHBOUR, f"# {secret}")
        _keep_secrets(siege.course, name, secret)
    for attack in attacks:
        _hand_in(siege, attack)
        _hand_in_honestly(siege, attack.assignment, attack.name + BESIDE)
    return siege


def suffer(
    siege: Siege, jobs: int, progress: Callable[[int], None], wait: float = 1.0
) -> list[Suffered]:
    """Grade the class as an operator would, and look at everything afterwards; `progress` is told
    how many submissions are done.

    Raises:
        UsageError: the course can't be graded at all.
    """
    lasting = siege.course.root.with_name(f"{siege.course.root.name}-temporary")
    lasting.mkdir()
    sandbox.adopt_orphans()
    mounts, groups, before = _mounts(), _groups(), _belongings(siege)
    names = siege.assignments
    troubles = list(_graded(siege, [*names, "--student", NEIGHBOUR], jobs, lasting, progress, wait))
    if why := [found for kind, found in troubles if kind == "status"]:
        raise UsageError(f"the course can't be graded before anybody attacks it: {why[0]}")
    neighbour = {name: _of_student(siege.course, name, NEIGHBOUR) for name in names}
    troubles += _graded(siege, names, jobs, lasting, progress, wait)
    troubles += _survivors()
    troubles += [("left over", path.name) for path in lasting.iterdir()]
    troubles += [("left over", f"the mount {one}") for one in _mounts() - mounts]
    troubles += [("left over", f"the control group {one}") for one in _groups() - groups]
    troubles += [("left over", str(p)) for p in siege.course.runs.glob("*/.*-*") if p.is_dir()]
    after = _belongings(siege)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    troubles += [("file changed", path) for path in sorted(changed)]
    for name in names:
        if _of_student(siege.course, name, NEIGHBOUR) != neighbour[name]:
            troubles.append(("bystander", f"{name}: what {NEIGHBOUR} has got is another now"))
        report = siege.course.runs / f"{name}.html"
        troubles += [("live markup", f"{report.name}: {one}") for one in active(report)]
    whole = [Deviation(kind, "", "none", found) for kind, found in troubles]
    return [_suffered(siege, attack) for attack in siege.attacks] + [
        Suffered("(all)", "what belongs to no single attack", "", tuple(whole))
    ]


def lay_down(attack: Recipe, notebook: Any, folder: Path, name: str) -> None:
    """Make the folder that the attacker hands in: the notebook, or what the attack makes of it.

    Raises:
        UsageError: the attack's own code that does it raises.
    """
    folder.mkdir(parents=True)
    if not attack.hand_in:
        nbformat.write(notebook, folder / f"{name}.ipynb")
        return
    names: dict[str, Any] = {"__name__": "hand_in"}
    try:
        exec(compile(attack.hand_in, f"{attack.path} {HAND_IN}", "exec"), names)  # noqa: S102 — ours, as graders are
        names["hand_in"](folder, name, notebook)
    except Exception as error:
        raise UsageError(f"{attack.path}: {HAND_IN}: {type(error).__name__}: {error}") from error


def active(page: Path) -> list[str]:
    """What of a page a browser would run, or fetch from elsewhere."""
    if not page.is_file():
        return [f"{page.name} is missing"]
    reader = _Active()
    reader.feed(page.read_text(encoding="utf-8"))
    reader.close()
    return reader.found


class _Active(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is active in a tag."""
        if tag in _ACTIVE:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            target = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            fetched = name in {"src", "srcset", "background", "poster"}
            if (
                name.startswith("on")
                or target.startswith(("javascript:", "vbscript:", "data:text"))
                or (fetched and re.match(r"(https?:)?//", target))
            ):
                self.found.append(f"<{tag} {name}={value!r:.60}>")


# --- handing in ------------------------------------------------------------------------------


def _settled(course: Course, secret: str) -> Course:
    """Limits under which attacks come to an end soon, and a seed of its own."""
    path = course.root / "course.toml"
    text = re.sub(r"^secret_seed.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    head, _, tail = text.partition("[limits]\n")
    kept = re.sub(rf"^({'|'.join(LIMITS)})\s*=.*\n", "", tail, flags=re.MULTILINE)
    limits = "".join(f"{name} = {value}\n" for name, value in LIMITS.items())
    write(path, f'secret_seed = "{secret}"\n{head}\n[limits]\n{limits}{kept}')
    return find_course(course.root)


def _keep_secrets(course: Course, name: str, secret: str) -> None:
    """Put the secret where students look for answers: graders, the reference, a neighbour's
    notebook, a file beside the gradebook.
    """
    for grader in (course.graders / name).glob("*.py"):
        write(grader, f"{grader.read_text(encoding='utf-8')}\n# {secret}\n")
    source = json.loads(course.source(name).read_text(encoding="utf-8"))
    source["metadata"]["kept"] = secret
    write(course.source(name), json.dumps(source))
    write(course.root / "grades.csv", f"{NEIGHBOUR},{secret}\n")


def _hand_in(siege: Siege, attack: Recipe) -> None:
    bench = siege.benches[attack.assignment]
    for task in attack.score:  # a cell may be an essay's too, which nobody grades here
        if task not in bench.hidden.graders:
            raise UsageError(f"{attack.path}: {unknown('task', task, bench.hidden.graders)}")
    left_out = _trained(bench) - attack.cells.keys() - attack.score.keys()
    siege.left_out[attack.name] = left_out
    base = _reference(siege.course, bench, left_out)
    notebook = submission(attack, base if attack.base == "reference" else bench.template)
    folder = siege.course.submission(bench.name, attack.name).parent
    lay_down(attack, notebook, folder, bench.name)


def _hand_in_honestly(siege: Siege, name: str, student: str, remark: str = "") -> None:
    """What honest students hand in: some tasks as in the reference, the others not begun."""
    bench = siege.benches[name]
    notebook = _reference(siege.course, bench, bench.hidden.graders.keys() - _solved(bench))
    if remark:
        notebook.cells.append(nbformat.v4.new_code_cell(remark))
    path = siege.course.submission(name, student)
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def _solved(bench: Bench) -> set[str]:
    """The tasks that bystanders have solved: as many as show whether somebody was touched, and
    cost little.
    """
    cheap = [task.id for task in bench.assignment.graded if task.id not in _trained(bench)]
    return set(cheap[:2])


def _trained(bench: Bench) -> set[str]:
    """The tasks that would cost a minute each: those with a calibrated threshold."""
    return set(bench.hidden.calibration) & bench.hidden.graders.keys()


def _reference(course: Course, bench: Bench, left_out: set[str]) -> Any:
    """The reference with the cells of these tasks as they were released."""
    notebook = nbformat.read(course.source(bench.name), as_version=4)
    stubs = {_grade_id(cell): cell.source for cell in bench.template.cells}
    for cell in notebook.cells:
        if _grade_id(cell) in left_out:
            cell.source = stubs[_grade_id(cell)]
    return notebook


def _grade_id(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


# --- grading ---------------------------------------------------------------------------------


def _graded(
    siege: Siege,
    arguments: Sequence[str],
    jobs: int,
    temporary: Path,
    progress: Callable[[int], None],
    wait: float,
) -> Iterator[tuple[str, str]]:
    """Run `autograder grade` to its end; yields what it should not have said."""
    command = [sys.executable, "-m", "autograder", "grade", *arguments]
    command += ["--jobs", str(jobs), "--trust-submissions"]
    log = siege.course.root / "screen.txt"
    with log.open("wb") as screen:
        process = subprocess.Popen(
            command,
            cwd=siege.course.root,
            env={**os.environ, "TMPDIR": str(temporary), "CANARY": siege.secret},
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                time.sleep(wait)
                progress(sum(1 for _ in siege.course.runs.glob("*/[!.]*/verdict.json")))
        except BaseException:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LEAVING_SECONDS)
            process.kill()
            raise
    said = log.read_text(encoding="utf-8", errors="replace")
    if process.returncode not in (0, 1):
        yield "status", f"grade ended with {process.returncode}: {said[-500:]}"
    if "Traceback (most recent call last)" in said:
        yield "screen", f"a traceback: {said[-500:]}"
    for line in said.splitlines():
        if "\x1b" in line or line.startswith("::"):
            yield "live markup", f"on the screen: {line[:100]!r}"
    if siege.secret in said:
        yield "leak", "the secret stands on the screen"


def _survivors() -> Iterator[tuple[str, str]]:
    """What still lives of those that were graded; it is ended."""
    left: list[int] = []
    for _ in range(20):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        left = processes.tree(os.getpid())[1:]
        if not left:
            return
        time.sleep(0.25)
    for pid in left:
        with contextlib.suppress(OSError):
            name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            os.kill(pid, signal.SIGKILL)
            yield "survivor", f"process {pid}: {name[:100]}"


def _mounts() -> set[str]:
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.split()[1] for line in lines}


def _groups() -> set[str]:
    return {str(group) for group in cgroup.left_over()}


# --- looking at it ---------------------------------------------------------------------------


def _suffered(siege: Siege, attack: Recipe) -> Suffered:
    course, name = siege.course, attack.assignment
    try:
        verdict = stored_verdict(course, name, attack.name)
    except AutograderError as error:
        told = Deviation("error", "", "a verdict", str(error))
        return Suffered(attack.name, attack.title, attack.category, (told,))
    compared = _without(verdict, siege.left_out[attack.name])
    found = compare(attack, compared)
    if verdict.status in NEVER_RAN:
        found = [one for one in found if one.kind not in {"false fail", "misconception"}]
    if (wanted := attack.incident_should_mention) and not any(
        re.search(wanted, said, re.IGNORECASE) for said in verdict.incidents
    ):
        found.append(Deviation("incident", "", wanted, "; ".join(verdict.incidents) or "none"))
    found += [Deviation(*told) for told in _returned(siege, attack, verdict.status)]
    found += [Deviation("bystander", *told) for told in _bystander(siege, attack)]
    for place in _below(course.root) if attack.marker else ():
        if place.name == Path(attack.marker).name:
            found.append(Deviation("marker", "", f"no {attack.marker}", str(place)))
    return Suffered(
        attack.name,
        attack.title,
        attack.category,
        tuple(found),
        _gained(attack, compared),
        verdict.status,
        verdict.isolation,
        verdict.incidents,
        verdict.seconds,
    )


def _without(verdict: Verdict, tasks: set[str]) -> Verdict:
    kept = tuple(task for task in verdict.tasks if task.task not in tasks)
    return dataclasses.replace(verdict, tasks=kept)


def _gained(attack: Recipe, verdict: Verdict) -> float:
    """Points beyond what the recipe says that its answers earn."""
    most = {task.task: attack.score.get(task.task, (1.0, 1.0))[1] for task in verdict.tasks}
    over = [(share(task) - most[task.task]) * task.max_score for task in verdict.tasks]
    return round(sum(points for points in over if points > 1e-6), 4)


def _bystander(siege: Siege, attack: Recipe) -> Iterator[tuple[str, str, str]]:
    """Where the bystander has not got all points, in the verdict and in the gradebook."""
    bench, student = siege.benches[attack.assignment], attack.name + BESIDE
    try:
        verdict = stored_verdict(siege.course, bench.name, student)
    except AutograderError as error:
        yield "", "a verdict", str(error)
        return
    for task in verdict.tasks:
        if task.task in _solved(bench) and share(task) != 1.0:
            yield task.task, "all points", f"{share(task):.2f}"
    rows = _rows(siege.course, bench.name, student)
    booked = sum(score for _, score, _ in rows if score)
    if abs(booked - verdict.score) > 1e-6:
        yield "", f"{verdict.score} in the gradebook", f"{booked}"


def _returned(siege: Siege, attack: Recipe, status: str) -> Iterator[tuple[str, str, str, str]]:
    """What must not be among the things that come back to the attacker, or lie where it could."""
    course, name = siege.course, attack.assignment
    size, secret = 0, siege.secret.encode()
    for top in ("autograded", "feedback", "runs"):
        folder = course.root / top / attack.name / name
        folder = course.run_dir(name, attack.name) if top == "runs" else folder
        for path in folder.rglob("*"):
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode):
                continue
            where = f"{top}/{path.relative_to(folder)}"
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
                yield "file", "", "regular files with one name", where
                continue
            data = path.read_bytes()
            size += len(data) if top != "runs" else 0
            if secret in data or data.startswith(b"SQLite format 3"):
                yield "leak", "", "nothing of others'", where
    if size > _MOST_BYTES:
        yield "file", "", f"at most {_MOST_BYTES:,} bytes come back", f"{size:,}"
    page = course.root / "feedback" / attack.name / name / f"{name}.html"
    for one in active(page) if page.exists() or status != "missing" else ():
        yield "live markup", "", "none", one


def _of_student(course: Course, name: str, student: str) -> tuple[Any, ...]:
    """All that grading has made for somebody: files by content, and rows of the gradebook."""
    places = [course.root / top / student / name for top in ("submitted", "autograded", "feedback")]
    files = [
        (str(path), digest(path.read_bytes()))
        for place in (*places, course.run_dir(name, student))
        for path in sorted(place.rglob("*"))
        if path.is_file()
    ]
    return (files, _rows(course, name, student))


def _rows(course: Course, name: str, student: str) -> list[tuple[str, float, float]]:
    """Cell, automatic and manual score of each row that the gradebook has of a submission."""
    query = """
        SELECT base_cell.name, grade.auto_score, grade.manual_score FROM grade
        JOIN base_cell ON grade.cell_id = base_cell.id
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN assignment ON submitted_assignment.assignment_id = assignment.id
        WHERE submitted_assignment.student_id = ? AND assignment.name = ? ORDER BY base_cell.name
    """
    with contextlib.closing(sqlite3.connect(course.gradebook)) as book:
        return list(book.execute(query, (student, name)))


def _belongings(siege: Siege) -> Mapping[str, str]:
    """What grading only reads, by path: what it is and holds; sizes only where it is large."""
    course = siege.course
    parts = ("source", "release", "graders", "bank", "attacks", "labkit_course", "submitted")
    files = (course.root / name for name in ("course.toml", "nbgrader_config.py", "grades.csv"))
    places = (*files, *(path for part in parts for path in _below(course.root / part)))
    return {str(place.relative_to(course.root)): _state(place) for place in places}


def _state(place: Path) -> str:
    try:
        info = place.lstat()
        small = stat.S_ISREG(info.st_mode) and info.st_size < 1 << 20
        told = place.read_bytes() if small else f"{info.st_size} {info.st_mtime_ns}"
    except OSError as error:  # too deep to have a path
        return f"{error.strerror}"
    return digest(f"{info.st_mode}", told)


def _below(folder: Path) -> Iterator[Path]:
    """Everything in a folder, links not followed, what running Python leaves there left out."""
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(top, name) for name in (*names, *folders))
