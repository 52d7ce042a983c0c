"""Which answers of a class are unusually alike, and what is said of it."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import nbformat
import pytest
from browser import WIDTHS, chromium, opened, overflow, violations
from bs4 import BeautifulSoup
from click.testing import CliRunner
from ipython_pygments_lexers import IPython3Lexer
from pygments.lexers.python import PythonLexer
from toy import RIGHT, bare_course, hand_in

from autograder.cli.alike import alike_command
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading import likeness
from autograder.grading.alike import compare_class, pairs, write_page
from autograder.grading.lexers import IPython, Python
from autograder.grading.likeness import compare, tokens_of
from autograder.grading.report import alike_page

STEPS = (
    "total = sum(values[{a}:{b}]) * {c}",
    "for number in range({a}, {b}): total += number * {c}",
    "total = max(total, {a}) - min({b}, {c})",
    "while total > {a}: total = total // {b} - {c}",
    "values = [one * {a} + {b} for one in values if one != {c}]",
    "total += len(str(values).split('{a}')) or {b} - {c}",
    "if total % {a} == {b}: total = -total + {c}",
    "values = sorted(values, key=lambda one: (one + {a}) % {b} - {c})",
)


def answer(seed: int, lines: int = 8) -> str:
    """An answer that nobody else would write so."""
    chance = random.Random(seed)
    steps = [
        step.format(**{name: chance.randint(2, 99) for name in "abc"})
        for step in chance.choices(STEPS, k=lines)
    ]
    body = "\n".join(f"    {step}" for step in ["values = list(x)", "total = 0", *steps])
    return f"def double(x):\n{body}\n    return total\n"


def found(answers: list[str], given: str = "") -> list[tuple[int, int]]:
    texts = [tokens_of(text, "code") for text in answers]
    return [pair.places for pair in compare(texts, tokens_of(given, "code"), "code").pairs]


HONEST = [answer(seed) for seed in range(12)]
COPIED = HONEST[3]
EVIL = "# <script>alert(1)</script>\n"


def renamed(text: str) -> str:
    for old, new in (("values", "numbers_of_mine"), ("total", "acc"), ("one", "k")):
        text = text.replace(old, new)
    return text


def reordered(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([lines[0], *lines[1:6], *reversed(lines[6:-1]), lines[-1]])


def commented(text: str) -> str:
    return "\n".join(f"{line}  # step {n}, mine" for n, line in enumerate(text.splitlines()))


def requoted(text: str) -> str:
    return text.replace("'", '"').replace(" * ", "*").replace(" + ", "+")


@pytest.mark.parametrize("changed", [str, renamed, reordered, commented, requoted])
def test_a_copy_is_found_whatever_was_done_to_hide_it(changed: object) -> None:
    """Other names, other comments, statements in another order, other blanks and quotes."""
    assert callable(changed)
    assert found([*HONEST, changed(COPIED)]) == [(3, 12)]


def test_those_who_wrote_for_themselves_are_not_alike() -> None:
    """Though all solve the same task with the same statements."""
    assert found(HONEST) == []


def test_the_usual_way_is_not_unusual() -> None:
    """What more than a few of the class have says nothing of two of them."""
    assert found([*HONEST, *[COPIED] * 6]) == []


def test_what_the_template_gives_is_nobodys() -> None:
    """Two who left it as it was share nothing of their own."""
    assert found([*HONEST, COPIED], given=COPIED) == []


def test_short_answers_are_not_compared() -> None:
    """There are only so many ways to write three lines."""
    short = [answer(seed, lines=1) for seed in range(12)]
    assert found([*short, short[3]]) == []


def test_four_are_no_class() -> None:
    """What is usual is not known from so few."""
    assert found([*HONEST[:3], HONEST[0]]) == []


def test_words_are_compared_as_words() -> None:
    """Of written answers; capitals and punctuation are no difference."""
    chance = random.Random(1)
    words = [
        "layer",
        "block",
        "deep",
        "wide",
        "loss",
        "image",
        "pixel",
        "grid",
        "shortcut",
        "gradient",
        "norm",
        "weight",
    ]
    texts = [" ".join(chance.choices(words, k=60)) for _ in range(10)]
    copy = texts[4].capitalize().replace("layer ", "layer, ")
    compared = [tokens_of(text, "words") for text in [*texts, copy]]
    assert [pair.places for pair in compare(compared, [], "words").pairs] == [(4, 10)]


def test_only_what_is_shared_is_marked() -> None:
    """Each stretch that is marked stands in both answers."""
    copy = COPIED.replace("    return total", "    print('done', 17, 4, 99, x)\n    return total")
    texts = [*HONEST, renamed(copy)]
    (pair,) = compare([tokens_of(text, "code") for text in texts], [], "code").pairs
    first = " ".join(COPIED[start:end] for start, end in pair.marks[0])
    second = " ".join(texts[12][start:end] for start, end in pair.marks[1])
    assert "'done', 17" not in second
    assert renamed(first) == second


@pytest.mark.parametrize(
    ("before", "unit", "behind"),
    [
        ("x = 1\n", " \n", "y"),
        ("x = 1", "\n", "y"),
        ("x = '", "{a[", "'"),
        ("x = '", "{a[]", "'"),
        ("x = '%", "0", "'"),
        ("x = '", "\\N{", "'"),
        ("match", " ", "x"),
        ("", "'\n", ""),
        ("", "import a\n\n", ""),
        ("", "...", ""),
        ("", "!", ""),
    ],
    ids=repr,
)
@pytest.mark.parametrize("lexer", [Python, IPython])
def test_whatever_is_written_is_read_in_linear_time(
    lexer: type[Python], before: str, unit: str, behind: str
) -> None:
    """Four times as much takes four times as long; quadratic it would be sixteen."""

    def seconds(length: int) -> float:
        text = before + unit * (length // len(unit)) + behind
        taken = []
        for _ in range(3):
            began = time.process_time()
            list(lexer().get_tokens(text))
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(12_000) < 9 * max(seconds(3_000), 0.003)


def test_code_is_read_as_pygments_reads_it() -> None:
    """Ordinary code, by both lexers."""
    text = Path(__file__).read_text()[:9_000]
    for ours, theirs in ((Python, PythonLexer), (IPython, IPython3Lexer)):
        assert list(theirs().get_tokens(text)) == list(ours().get_tokens(text))


def test_a_copy_behind_much_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a long comment; whose answer is too long to be compared whole is named."""
    monkeypatch.setattr(likeness, "MOST", 2_000)
    course = bare_course(tmp_path)
    for number in range(8):
        hand_in(course, f"student{number}", {**RIGHT, "double": HONEST[number]})
    hand_in(course, "mallory", {**RIGHT, "double": f"# {'.' * 200_000}\n{COPIED}"})
    hand_in(course, "trudy", {**RIGHT, "double": f"{HONEST[9]}\n{';' * 2_000}"})
    found = compare_class(course, "toy")
    assert [pair.students for pair in found.pairs] == [("mallory", "student3")]
    assert found.partly == ("trudy",)
    write_page(tmp_path / "page.html", found)
    soup = BeautifulSoup((tmp_path / "page.html").read_text(), "html.parser")
    assert "Compared in part, since they are long: answers of trudy." in soup.get_text()
    behind, whole = soup.select(".pair pre")
    assert [tag.get_text() for tag in behind.select("mark")] == [
        tag.get_text() for tag in whole.select("mark")
    ]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Eight who wrote for themselves, one who copied, and two with one file."""
    course = bare_course(tmp_path)
    for number in range(8):
        hand_in(course, f"student{number}", {**RIGHT, "double": HONEST[number]})
    hand_in(course, "mallory", {**RIGHT, "double": EVIL + renamed(COPIED)})
    same = hand_in(course, "twin1", {**RIGHT, "double": HONEST[9]})
    other = course.submission("toy", "twin2")
    other.parent.mkdir(parents=True)
    other.write_bytes(same.read_bytes())
    return course


def test_a_class_is_compared_as_it_was_handed_in(course: Course) -> None:
    """Task by task; one and the same file is told as that, and once."""
    (pair,) = pairs(course, "toy")
    assert (pair.task, pair.kind) == ("double", "code")
    assert pair.students == ("mallory", "student3")
    assert compare_class(course, "toy").same == (("twin1", "twin2"),)


def test_what_stands_in_cells_of_their_own_is_compared_too(course: Course) -> None:
    """Helpers at the top of the notebook."""
    for number in range(8):
        path = course.submission("toy", f"student{number}")
        notebook = nbformat.read(path, as_version=4)
        own = answer(50 + max(number, 1)).replace("double", "helper")
        notebook.cells.insert(0, nbformat.v4.new_code_cell(own))
        nbformat.write(notebook, path)
    assert ("before the tasks", ("student0", "student1")) in {
        (pair.task, pair.students) for pair in pairs(course, "toy")
    }


def test_what_can_not_be_read_stops_nobody(course: Course) -> None:
    """It is listed."""
    course.submission("toy", "student5").write_bytes(b"{")
    course.submission("toy", "student6").unlink()
    found = compare_class(course, "toy")
    assert found.unread == ("student5", "student6")
    assert len(found.pairs) == 1


def test_a_student_whose_name_is_no_text_stops_nobody(course: Course, tmp_path: Path) -> None:
    """They are named, as far as can be shown."""
    odd = Path(os.fsdecode(os.fsencode(course.root) + b"/submitted/\xff"))
    shutil.copytree(course.submission("toy", "student1").parent, odd / "toy")
    found = compare_class(course, "toy")
    assert found.unread == ("\N{REPLACEMENT CHARACTER}",)
    write_page(tmp_path / "page.html", found)
    assert "Not read: \N{REPLACEMENT CHARACTER}." in (tmp_path / "page.html").read_text()


def test_the_command_writes_a_page_of_questions(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both answers side by side, escaped, what they share marked."""
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(alike_command, ["toy"], catch_exceptions=False)
    said, place = done.output.splitlines()
    assert said.startswith(
        "11 notebooks compared: 1 pair of answers is unusually alike; 2 students"
    )
    assert place == str(alike_page(course, "toy"))
    soup = BeautifulSoup(alike_page(course, "toy").read_text(), "html.parser")
    assert not soup.find("script")
    assert "Did they work together, use the same source, or is it chance?" in soup.get_text()
    texts = [pre.get_text() for pre in soup.select(".pair pre")]
    assert texts == [EVIL + renamed(COPIED), COPIED]
    assert "twin1, twin2" in soup.get_text()


def test_nothing_unusual_is_said_with_figures(course: Course, tmp_path: Path) -> None:
    """How many were compared, and what is usual."""
    for student in ("mallory", "twin2"):
        course.submission("toy", student).unlink()
    write_page(tmp_path / "page.html", compare_class(course, "toy"))
    text = BeautifulSoup((tmp_path / "page.html").read_text(), "html.parser").get_text(" ")
    assert "Nothing is unusual." in text
    assert "9 notebooks compared" in text


def test_without_submissions_it_is_said(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(UsageError, match="nobody has handed in toy"):
        pairs(bare_course(tmp_path), "toy")


@pytest.mark.slow
def test_the_page_can_be_read_by_everybody(course: Course) -> None:
    """On a laptop and a phone, in light and in dark colours."""
    write_page(alike_page(course, "toy"), compare_class(course, "toy"))
    with chromium() as browser:
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                with opened(browser, alike_page(course, "toy"), width, scheme) as page:
                    assert violations(page) == []
                    assert overflow(page) == 0
