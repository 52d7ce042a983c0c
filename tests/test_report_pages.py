"""The class report and the list of reports, in a real browser as an instructor uses them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import WIDTHS, chromium, opened, overflow, violations
from playwright.sync_api import Browser, Page

from autograder.course import Assignment, Course, Task
from autograder.grading.grades import UNMARKED, Grade, Grades, Mark
from autograder.grading.publishing import publishing
from autograder.grading.seen import changes, first_seen
from autograder.records import Check, Ending, Status, TaskVerdict, Verdict

pytestmark = pytest.mark.slow

NAMES = [f"{kind}_{what}" for kind in ("convolution", "separable") for what in
         ("arithmetic", "classifier", "bottleneck", "normalization")]  # fmt: skip
TASKS = tuple(Task(name, 10.0, manual=False) for name in NAMES)
ASSIGNMENT = Assignment(
    "toy", (*TASKS, Task("architecture_review", 8.0, manual=True)), Path("t.ipynb"), Path("s.ipynb")
)
LONG = "anna-sophia.von_hohenstein-papadopoulos"
POINTS = {LONG: 40.0, "bo": 80.0, "chen_yuting": 60.0}
HELD, TORN, ABSENT = "dan", "erin.o'brien", "fatima"


def verdict(student: str, score: float, ending: Ending = "failed") -> Verdict:
    """Full points in the first tasks, as far as they go."""
    tasks = [
        TaskVerdict(
            task.id,
            10.0 if 10 * number <= score else 0.0,
            10.0,
            (Check("sum", "passed" if 10 * number <= score else ending, 1.0, "It adds <up>."),),
        )
        for number, task in enumerate(TASKS, 1)
    ]
    status: Status = "needs_review" if ending == "broken" else "graded"
    return Verdict("toy", student, "k", status, "strong", score, 80.0, 2.0, tuple(tasks))


def grade(student: str, score: float, mark: float | None) -> Grade:
    """With a mark for the written task, unless that waits."""
    waits = "" if mark is not None else UNMARKED
    one = Mark("architecture_review", mark or 0.0, 8.0, mark is not None, waits)
    return Grade(student, "waiting" if waits else "final", waits, score + one.score, 0.0, (one,))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class with everything that a report can have in it."""
    course = Course(tmp_path_factory.mktemp("course"))
    class_ = [verdict(name, points) for name, points in POINTS.items()]
    class_.append(verdict(HELD, 30.0, "broken"))
    tasks = tuple(dataclasses.replace(task, score=0.0, checks=()) for task in class_[0].tasks)
    class_.append(
        dataclasses.replace(class_[0], student=TORN, status="unreadable", score=0.0, tasks=tasks)
    )
    grades = {one.student: grade(one.student, one.score, None) for one in class_}
    grades |= {"bo": grade("bo", 80.0, 5.0), ABSENT: Grade(ABSENT, "missing")}
    seen = changes(first_seen([verdict("bo", 70.0)]), class_)
    for write in publishing(course, ASSIGNMENT, class_, {}, Grades("toy", 88.0, grades), seen):
        write()
    return course.runs


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all."""
    with chromium() as found:
        yield found


def students(page: Page) -> list[str]:
    """Those that are seen, from top to bottom."""
    rows = page.locator(".students tbody tr:visible").all()
    places = {row.locator("th").inner_text(): row.bounding_box() for row in rows}
    return sorted(places, key=lambda name: (places[name] or {"y": 0})["y"])


@pytest.mark.parametrize("name", ["toy.html", "index.html"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_bars_anybody(
    runs: Path, browser: Browser, name: str, width: int, scheme: str
) -> None:
    """Nothing that axe finds, and no page wider than its window."""
    with opened(browser, runs / name, width, scheme) as page:  # type: ignore[arg-type]
        assert violations(page) == []
        assert overflow(page) == 0


def test_the_whole_table_is_seen_on_a_laptop(runs: Path, browser: Browser) -> None:
    """With nine tasks and long names, up to the total; none is broken inside a word."""
    with opened(browser, runs / "toy.html", 1280) as page:
        region = page.get_by_role("region", name="Students and tasks")
        assert region.evaluate("e => e.scrollWidth - e.clientWidth") == 0
        name = page.locator(".students tbody th", has_text="hohenstein")
        words = name.evaluate("e => e.innerHTML").split("<wbr>")
        assert words == ["anna-", "sophia.", "von_", "hohenstein-", "papadopoulos"]
        assert name.evaluate("e => getComputedStyle(e).overflowWrap") == "normal"


def test_on_a_phone_the_table_moves_under_its_first_column(runs: Path, browser: Browser) -> None:
    """By keyboard too: the region takes the focus."""
    with opened(browser, runs / "toy.html", 400) as page:
        region = page.get_by_role("region", name="Students and tasks")
        region.focus()
        before = page.locator(".students tbody th").first.bounding_box()
        region.evaluate("e => { e.scrollLeft = 300 }")
        assert region.evaluate("e => e.scrollLeft") == 300
        assert page.locator(".students tbody th").first.bounding_box() == before


def test_a_click_puts_the_class_in_another_order(runs: Path, browser: Browser) -> None:
    """By name, by total, by a task; those of whom nothing ran stand last. It stays a table."""
    by_total = ["bo", "chen_yuting", LONG, HELD, TORN, ABSENT]
    with opened(browser, runs / "toy.html", 1280) as page:
        assert students(page) == sorted(by_total)
        page.get_by_label("total", exact=True).check()
        assert students(page) == by_total
        page.get_by_role("group", name="Sort by").get_by_label("1 convolution arithmetic").check()
        assert students(page)[-2:] == [TORN, ABSENT]
        table = page.locator(".students").get_by_role("table")
        assert table.get_by_role("row").count() == 1 + len(by_total)
        assert table.get_by_role("columnheader").count() == 3 + len(ASSIGNMENT.tasks)


@pytest.mark.parametrize(
    ("label", "seen"),
    [
        ("needs a person (2)", [HELD, TORN]),
        ("answers to mark (3)", [LONG, "chen_yuting", HELD]),
        ("nothing to grade (2)", [TORN, ABSENT]),
        ("changed (1)", ["bo"]),
        ("7 separable bottleneck", [LONG, "chen_yuting", HELD, TORN, ABSENT]),
    ],
)  # fmt: skip
def test_a_click_shows_some_alone(
    runs: Path, browser: Browser, label: str, seen: list[str]
) -> None:
    """And everyone again by another."""
    with opened(browser, runs / "toy.html", 1280) as page:
        page.get_by_role("group", name="Show").get_by_label(label).check()
        assert students(page) == seen
        page.get_by_label("everyone").check()
        assert len(students(page)) == 6


def test_pages_have_no_scripts_and_a_policy(runs: Path) -> None:
    """What sorts and filters is CSS."""
    for name in ("toy.html", "index.html"):
        html = (runs / name).read_text()
        assert "<script" not in html
        assert "default-src 'none'" in html
