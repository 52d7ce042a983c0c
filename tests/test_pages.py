"""Pages as a browser shows them: at both widths, by day and by night, and for everybody."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from browser import WIDTHS, chromium, opened, overflow, violations
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from test_feedback import ERROR, dead_links, mistaken
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.course import Course, read_assignment
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts
from autograder.nbgrader_bridge.fitting import LIMIT
from autograder.records import Check, Status, Verdict, to_json

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]
PRINTING = """\
def double(x):
    return 3 * x
import sys
print('a line\\n' * 90)
print('to stderr', file=sys.stderr)
a_name_that_is_too_long_for_a_telephone = 'and_a_word_without_any_blank_' * 20
raise ValueError(a_name_that_is_too_long_for_a_telephone)
"""
TALL = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="2400" viewBox="0 0 600 2400">'
    '<rect width="600" height="2400" fill="#fff"/>'
    '<rect x="9" y="1200" width="99" height="40" fill="red" stroke="red" stroke-width="3"/></svg>'
)
KINDS = ("right", "held back", "crashed", "unreadable")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Feedback of a class in which all that can befall a page does."""
    course = toy_course(tmp_path_factory.mktemp("pages"))
    for student in ("right", "held back", "crashed"):
        cells = RIGHT if student == "right" else {"double": PRINTING, "why": "# So\n\n* `it`\n"}
        hand_in(course, student, cells)
    hand_in(course, "unreadable").write_text("{ <b>")
    for student in KINDS:
        verdict = grade_here(course, student)
        if student in {"held back", "crashed"}:
            _become(course, verdict, "needs_review" if student == "held back" else "crashed")
    assert import_verdicts(course, read_assignment(course, "toy"), KINDS) == {}
    return {student: feedback_page(course, "toy", student) for student in KINDS}


def _become(course: Course, verdict: Verdict, status: Status) -> None:
    """A verdict with every ending, a group, and a picture that is taller than a window."""
    checks = (
        mistaken("the first", ERROR, TALL),
        mistaken("the second", "a product of «b»", TALL),
        Check("c", "broken", 1, "It learns.", found="I can't see inside «x» (Mine)"),
        Check("d", "blocked", 1, "It waits for `double`.", found="first this has to hold"),
        Check("e", "passed", 1, "It is.", hint="Keras forgave a softmax."),
        Check("f", "passed", 1, "It is there."),
    )
    tasks = (replace(verdict.tasks[0], checks=checks), *verdict.tasks[1:])
    changed = replace(verdict, status=status, tasks=tasks, remarks=("what was put right",))
    (course.run_dir("toy", verdict.student) / "verdict.json").write_text(to_json(changed))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests."""
    with chromium() as one:
        yield one


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_feedback_is_for_everybody(
    browser: Browser,
    pages: dict[str, Path],
    kind: str,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    """Folded or unfolded, axe finds nothing, and nothing is wider than the window."""
    with opened(browser, pages[kind], width, scheme) as page:
        assert violations(page) == []
        page.evaluate(
            "document.querySelectorAll('details:not(.picture)').forEach(one => one.open = true)"
        )
        assert violations(page) == []
        assert overflow(page) == 0


def test_links_lead_somewhere_and_pages_are_small(pages: dict[str, Path]) -> None:
    """On every kind of page."""
    for path in pages.values():
        assert dead_links(BeautifulSoup(path.read_text(), "html.parser")) == []
        assert path.stat().st_size < LIMIT / 4


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_is_enlarged_and_made_small_again(
    browser: Browser, pages: dict[str, Path], width: int
) -> None:
    """By a click on it, or by the keyboard, without a script; before that, its part with the mark
    is seen.
    """
    with opened(browser, pages["held back"], width) as page:
        picture = page.locator(".picture img").first

        def size() -> list[float]:
            box = picture.bounding_box()
            assert box is not None
            return [box["width"], box["height"]]

        small = size()
        assert small[1] < 700
        picture.click()
        assert size()[0] >= 600
        assert size()[1] >= 2400
        picture.click(position={"x": 5, "y": 5})
        assert size() == small
        page.locator(".picture summary").first.press("Enter")
        assert size()[1] >= 2400


def test_expected_and_found_stand_below_each_other_on_a_phone(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """And beside their names where there is room."""
    beside = []
    for width in WIDTHS:
        with opened(browser, pages["held back"], width) as page:
            name, words = page.locator("dt").first, page.locator("dd").first
            boxes = name.bounding_box(), words.bounding_box()
            assert boxes[0] is not None
            assert boxes[1] is not None
            beside.append(boxes[0]["y"] == boxes[1]["y"])
    assert beside == [True, False]


def test_on_paper_there_is_no_night_and_nothing_folded_that_counts(
    browser: Browser, pages: dict[str, Path]
) -> None:
    """What has passed is printed; the course's text is not."""
    with opened(browser, pages["held back"], 1280, "dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
        assert page.get_by_text("It is there.").is_visible()
        assert not page.locator(".given").first.is_visible()
