"""The student's page: what it says, and that nothing of a student's is active in it."""

import base64
import functools
import io
import re
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from PIL import Image
from test_fuzz_outputs import shown_page
from test_nbgrader_bridge import run
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.architecture.legend import legend
from autograder.course import read_assignment
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts
from autograder.grading.wording import told_late, told_points
from autograder.nbgrader_bridge.checks import checks_html, checks_text
from autograder.nbgrader_bridge.feedback import _highlighting, safe_markdown
from autograder.nbgrader_bridge.fitting import LIMIT
from autograder.nbgrader_bridge.mathematics import formula
from autograder.nbgrader_bridge.pictures import PIXELS, Picture, fitted
from autograder.records import Check, TaskVerdict

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<iframe src=//evil.example></iframe>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![beacon](http://evil.example/p.png)",
    "![a](attachment:missing.png)",
    "<style>body{display:none}</style>",
    '<a href="x" style="position:fixed" onclick="alert(1)">x</a>',
    "<svg onload=alert(1)><script>1</script></svg>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><input name=q></form>",
    (
        "<object data=//evil.example></object><embed src=//evil.example>"
        "<link rel=stylesheet href=//evil.example>"
    ),
    "$\\href{javascript:alert(1)}{x}$ $</div><script>1</script>$",
    "```mermaid\n</pre><script>alert(1)</script>\n```",
    "</div></section></main><h1>10 of 10 points</h1>",
    "<!-- -->--!><script>1</script>",
    "<math><mtext></p><style><!--</style><img src=x onerror=1>",
]


def active(html: str) -> list[str]:
    """Everything in the HTML that could run, load or restyle."""
    soup = BeautifulSoup(html, "html.parser")
    tags = [
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "style",
        "base",
        "meta",
        "form",
        "input",
        "svg",
        "math",
    ]
    tags += ["img", "video", "audio", "source"]
    found = [str(tag) for tag in soup.find_all(tags)]
    for tag in soup.find_all(True):
        found += [
            f"{name}={value}"
            for name, value in tag.attrs.items()
            if name.startswith("on") or name == "style"
        ]
        address = re.sub(r"\s", "", str(tag.attrs.get("href", ""))).lower()
        found += (
            [address]
            if address and not address.startswith(("http://", "https://", "mailto:", "#"))
            else []
        )
    return found


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_active_survives_in_a_students_markdown(source: str) -> None:
    """And the second rendering, by the formgrader's own markdown filter, finds one inert line."""
    html = safe_markdown(f"Words.\n\n{source}\n\n* {source}")
    assert active(html) == []
    assert "\n" not in html


def test_a_students_ordinary_markdown_keeps_its_shape() -> None:
    """Emphasis, lists, code and links."""
    html = safe_markdown(
        "**Bold** and `code`\n\n* one\n* [two](https://example.org)\n\n```\na\n\nb\n```"
    )
    for part in (
        "<strong>Bold</strong>",
        "<code>code</code>",
        "<li>one</li>",
        'href="https://example.org"',
        "a&#10;&#10;b",
    ):
        assert part in html


@pytest.mark.parametrize(
    "source", ["[" * 20_000, "*" * 20_000, "$" * 19_999, ">" * 20_000, "`" * 19_999, "x" * 10**6]
)
def test_markdown_made_to_be_slow_is_not(source: str) -> None:
    """Nobody waits for one student's cell."""
    assert safe_markdown(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1" + "\n" * 4_000 + "y",
        "\n \n\t" * 2_000 + "y",
        "x = '" + "{a[" * 4_000 + "'\n",
        "x = 1 !$'" + r"\00" * 2_000,
        "%%perl\n" + "m{" * 4_000,
        "1;" * 9_999,
        "1;" * 500_000,
    ],
    ids=["empty lines", "blanks", "braces", "shell", "perl", "dense", "long"],
)
def test_code_made_to_be_slow_is_not(source: str) -> None:
    """Whatever stands in it, it is read once; what is long has no colours, and all is shown."""
    began = time.process_time()
    html = _highlighting(new_notebook(cells=[new_code_cell(source)]))(source, {})
    assert time.process_time() - began < 5
    assert len(html) < 3_000_000
    assert BeautifulSoup(html, "html.parser").get_text().strip() == source.strip()


def test_code_is_coloured_as_pygments_does() -> None:
    """The student's as the course's, commands, empty lines and line ends too."""
    course = {"autograder": {"text": "course"}}
    for source in (Path(__file__).read_text()[:9_000], "%%time\nx = 1\n", "%time x\nlen?\n", ""):
        coloured = _highlighting(new_notebook(cells=[new_code_cell(source)]))
        assert coloured(source, {}) == coloured(source, course)


def test_many_cells_of_code_are_not_coloured() -> None:
    """Each may be short enough."""
    cells = [new_code_cell(f"x = {number}" + " " * 19_000) for number in range(3)]
    assert "<span class" in _highlighting(new_notebook(cells=cells[:2]))(cells[0].source, {})
    assert "<span class" not in _highlighting(new_notebook(cells=cells))(cells[0].source, {})


def verdict(**text: str) -> TaskVerdict:
    """A task with one check of each ending."""
    checks = (
        Check("shape", "passed", 1, "The shape is kept."),
        Check(
            "sum",
            "failed",
            2,
            "It adds.",
            "a sum",
            text.get("found", "a product"),
            "Use `+`.",
            "product",
            "<svg></svg>",
        ),
        Check("use", "blocked", 1, "It is used.", found="this waits for «double»"),
        Check(
            "grad",
            "broken",
            1,
            "It learns.",
            found=text.get("broken", "I can't see inside «x» (Mine)"),
        ),
    )
    return TaskVerdict("add", 2.0, 10.0, checks)


def test_each_ending_is_an_icon_and_a_word_with_its_points() -> None:
    """Colour alone tells some people nothing."""
    html = checks_html(verdict())
    assert not set("✔✘⏸⚑") & set(html)  # drawn, since not every font has them
    text = BeautifulSoup(html, "html.parser").get_text(" ", strip=True)
    for part in (
        "passed The shape is kept. 2 / 2",
        "failed It adds. 0 / 4",
        "blocked It is used. 0 / 2",
        "needs a person It learns. – / 2",
        "1 of 4 checks passed",
    ):
        assert part in text
    for part in (
        "expected a sum",
        "found a product",
        "hint Use + .",
        "this waits for «double»",
        "«x» (Mine)",
    ):
        assert part in text


def test_a_remark_stands_beside_what_has_passed() -> None:
    """What took no points is said, and not called a hint."""
    passed = Check("fit", "passed", 1, "It learns.", hint="Keras forgave a softmax.")
    task = TaskVerdict("train", 1.0, 1.0, (passed,))
    page = BeautifulSoup(checks_html(task), "html.parser").get_text(" ", strip=True)
    assert "remark Keras forgave a softmax." in page
    assert "remark: Keras forgave a softmax." in checks_text(task)


ERROR = "build raised ValueError: the widths 12 and 16 do not add up, at line 14 of your cell"
DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="{0}" viewBox="0 0 300 {0}"></svg>'
)


def mistaken(name: str, found: str, picture: str | None = None) -> Check:
    """A check that failed for a known mistake."""
    return Check(name, "failed", 1, f"{name}.", "a sum", found, "Use `+`.", "product", picture)


def test_a_mistake_is_told_once() -> None:
    """With what was found and its picture; the other checks that it fails are a line each."""
    checks = (
        mistaken("one", "a product of «a»", DRAWN.format(1)),
        Check("two", "passed", 1, "two."),
        mistaken("three", "a product of «b»", DRAWN.format(2)),
        Check("four", "failed", 1, "four.", "3", "2"),
    )
    task = TaskVerdict("add", 1.0, 4.0, checks)
    page = BeautifulSoup(checks_html(task), "html.parser")
    first, second = page.select(".checks > ul > li")
    assert [tag.get_text() for tag in first.select(".what")] == ["one.", "three."]
    assert [tag.get_text() for tag in first.select(".points")] == ["0 / 1", "0 / 1"]
    assert len(first.select("img, .picture")) == 2
    assert [tag.get_text(" ", strip=True) for tag in first.select("details.there")] == [
        "found there expected a sum found a product of «b» hint Use + ."
    ]
    assert [tag.get_text() for tag in second.select(".what")] == ["four."]
    text = checks_text(task)
    assert text.count("hint:") == 1
    assert [line for line in text.splitlines() if line.startswith(("✘", "✔"))] == [
        "✘ failed             0 / 1  one.",
        "✘ failed             0 / 1  three.",
        "✘ failed             0 / 1  four.",
        "✔ passed             1 / 1  two.",
    ]


def test_what_fails_first_stands_first() -> None:
    """And what has passed is folded, unless there is a remark on it."""
    remark = Check("fit", "passed", 1, "It learns.", hint="Keras forgave a softmax.")
    checks = (*verdict().checks, remark)
    page = BeautifulSoup(checks_html(TaskVerdict("add", 2.0, 10.0, checks)), "html.parser")
    assert [tag["class"] for tag in page.select(".checks > ul > li")] == [
        *(["failed"], ["broken"], ["blocked"], ["passed"])
    ]
    assert [tag.get_text() for tag in page.select("details.passed .what")] == ["The shape is kept."]


def test_one_error_is_one_reason_and_one_value_is_not() -> None:
    """Six checks that meet the same error don't fill a page with it; a number that was found twice
    may be wrong for two reasons.
    """
    checks = [Check(name, "failed", 1, f"{name}.", "a sum", ERROR) for name in ("one", "two")]
    short = [Check(name, "failed", 1, f"{name}.", "2", "3") for name in ("three", "four")]
    text = checks_text(TaskVerdict("add", 0.0, 4.0, (*checks, *short)))
    assert text.count(ERROR) == 1
    assert text.count("found: 3") == 2
    waiting = [Check(name, "blocked", 1, f"{name}.", found="this waits for «a»") for name in "ab"]
    assert checks_text(TaskVerdict("add", 0.0, 2.0, tuple(waiting))).count("waits") == 1


def test_what_another_task_has_told_is_not_told_again() -> None:
    """Neither words nor picture; where they stand is said."""
    above = TaskVerdict("add", 0.0, 1.0, (mistaken("one", ERROR, DRAWN.format(1)),))
    task = TaskVerdict("sum", 0.0, 1.0, (mistaken("two", ERROR, DRAWN.format(1)),))
    assert "found: the same as in add above" in checks_text(task, [above])
    page = BeautifulSoup(checks_html(task, [above]), "html.parser")
    assert "the same as in add above" in page.get_text()
    assert page.select("img, style") == []
    assert ERROR in checks_html(task)


def test_what_to_mend_first_is_said() -> None:
    """Where a task uses an answer further up that is wrong, and is wrong itself."""
    wrong, right = mistaken("one", "a product"), Check("one", "passed", 1, "one.")
    block, between, network = (TaskVerdict(name, 0.0, 1.0, (wrong,)) for name in "abc")
    uses: dict[str, set[str]] = {"a": set(), "b": {"a"}, "c": {"b"}}
    good = TaskVerdict("b", 1.0, 1.0, (right,))
    assert "It uses your answer to a and b:" in checks_text(network, [block, between], uses)
    assert "It uses your answer to a :" in words(checks_html(network, [block, good], uses))
    assert "It uses" not in checks_html(good, [block], uses)
    assert "It uses" not in checks_html(network, [good], uses)


def test_the_words_for_layers_are_explained_once() -> None:
    """On a page, and only those that occur."""
    found = Check("one", "failed", 1, "one.", "body «.* sepconv3x3:32 .*»", "conv3x3:32 gap")
    above, task = (TaskVerdict(name, 0.0, 1.0, (found,)) for name in "ab")
    text = words(checks_html(above))
    assert "How layers are written: sepconv separable convolution; conv convolution;" in text
    assert "gap global average pooling; 3x3 a kernel of 3×3; :64 64 filters or units;" in text
    assert "How layers" not in checks_html(task, [above])
    assert "Words: sepconv separable convolution; conv" in checks_text(above)


@pytest.mark.parametrize("text", ["«conv1» and «bn»", "`gap` is 3", "a gap in a norm", "up to 3"])
def test_words_of_sentences_are_not_explained(text: str) -> None:
    """Nor names of layers."""
    assert legend(text) == {}


def words(html: str) -> str:
    return BeautifulSoup(html, "html.parser").get_text(" ", strip=True)


def test_pictures_beyond_what_a_page_holds_are_said() -> None:
    """The checks themselves never are."""
    large = [DRAWN.format("1" * 30_000 + str(number)) for number in range(5)]
    tasks = [
        TaskVerdict(f"t{n}", 0.0, 1.0, (mistaken("one", f"found {n}", picture),))
        for n, picture in enumerate(large)
    ]
    pages = [checks_html(task, tasks[:n]) for n, task in enumerate(tasks)]
    assert sum(map(len, pages)) < 200_000
    assert ["<img" in page for page in pages] == [True, False, False, False, False]
    assert [page.count("this page has no room") for page in pages] == [0, 1, 1, 1, 1]


def test_a_picture_can_neither_run_nor_load() -> None:
    """It is the source of an image, never part of the page."""
    html = checks_html(verdict())
    assert "<svg" not in html
    assert 'src="data:image/svg+xml;base64,' in html
    assert "alt=" in html


def test_text_of_students_in_a_check_is_escaped() -> None:
    """Names of layers and functions come from them."""
    html = checks_html(verdict(found="<script>alert(1)</script>"))
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html


def test_an_error_of_ours_is_not_quoted_to_students() -> None:
    """It may hold what is hidden: the values that a grader expected."""
    for page in (
        checks_html(verdict(broken="KeyError: 0.873")),
        checks_text(verdict(broken="KeyError: 0.873")),
    ):
        assert "0.873" not in page
        assert "not decided yet" in page


def test_formulas_are_pictures_and_what_can_not_be_set_stays_as_it_was_written() -> None:
    """A page without scripts has no MathJax."""
    assert formula(r"\frac{a}{b}").startswith(
        '<img class="formula" alt="\\frac{a}{b}" src="data:image/svg+xml'
    )
    assert (
        formula(r"\begin{aligned} <b> \end{aligned}")
        == r"<code>\begin{aligned} &lt;b&gt; \end{aligned}</code>"
    )


def test_the_page_loads_nothing_and_forbids_what_it_does_not_need(tmp_path: Path) -> None:
    """The policy stands in it, no script does,
    no address leads away but the student's own links.
    """
    course = toy_course(tmp_path)
    printing = f"print({HOSTILE[0]!r})\nraise ValueError({HOSTILE[1]!r})\n"
    hand_in(
        course,
        "mallory",
        {**RIGHT, "why": "\n\n".join(HOSTILE), "double": RIGHT["double"] + printing},
    )
    grade_here(course, "mallory")
    import_verdicts(course, read_assignment(course, "toy"), ["mallory"])
    page = feedback_page(course, "toy", "mallory").read_text()
    soup = BeautifulSoup(page, "html.parser")
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert (
        soup.find_all(["script", "iframe", "object", "embed", "link", "base", "form", "svg"]) == []
    )
    assert [
        img["src"] for img in soup.find_all("img") if not str(img["src"]).startswith("data:image/")
    ] == []
    assert [
        name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")
    ] == []
    assert "alert(1)" in page


def test_status_and_remarks_stand_on_top_of_the_page(tmp_path: Path) -> None:
    """A student whose file was unreadable learns what to do."""
    course = toy_course(tmp_path)
    hand_in(course, "bob").write_text("{ <b>")
    grade_here(course, "bob")
    import_verdicts(course, read_assignment(course, "toy"), ["bob"])
    page = BeautifulSoup(feedback_page(course, "toy", "bob").read_text(), "html.parser")
    assert page.select("a") == []
    text = page.get_text(" ", strip=True)
    assert "could not be read as a notebook" in text
    assert "hand it in again" in text
    assert "not decided yet" in text


def test_a_page_says_which_answer_another_uses(tmp_path: Path) -> None:
    """By the names that it reads."""
    course = toy_course(tmp_path)
    hand_in(course, "ada", RIGHT | {"double": "def double(x):\n    return x\n"})
    grade_here(course, "ada")
    import_verdicts(course, read_assignment(course, "toy"), ["ada"])
    text = words(feedback_page(course, "toy", "ada").read_text())
    assert "It uses your answer to double :" in text


@pytest.mark.slow
def test_a_comment_is_markdown(tmp_path: Path) -> None:
    """Of a person who marks; what looks like HTML in it is text."""
    course = toy_course(tmp_path)
    hand_in(course, "bob", RIGHT)
    grade_here(course, "bob")
    import_verdicts(course, read_assignment(course, "toy"), ["bob"])
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        comment = gradebook.find_comment("why", "toy", "toy", "bob")
        comment.manual_comment = "Good *start*.\n\n- a `list<int>` <b>\n- $x<y$"
        gradebook.db.commit()
    run(course, "generate_feedback", "toy", "--force")
    page = BeautifulSoup(feedback_page(course, "toy", "bob").read_text(), "html.parser")
    [comment] = page.select(".comment")
    assert [one.get_text() for one in comment.select("em, code, li")] == [
        *("start", "a list<int> <b>", "list<int>", "$x<y$")
    ]
    assert "<p>" not in comment.get_text()


@pytest.mark.parametrize(("setting", "folded"), [("needed", True), ("all", False)])
def test_cells_that_were_not_run_are_folded(tmp_path: Path, setting: str, folded: bool) -> None:
    """They say that they were not run; where the course asks for all, what they print is there."""
    course = toy_course(tmp_path, f'isolation = "none"\ngiven_cells = "{setting}"\n')
    hand_in(course, "ada", RIGHT)
    grade_here(course, "ada")
    import_verdicts(course, read_assignment(course, "toy"), ["ada"])
    soup = BeautifulSoup(feedback_page(course, "toy", "ada").read_text(), "html.parser")
    details = [tag.get_text(" ", strip=True) for tag in soup.select("details.not-run")]
    assert details == (['A given cell, not run for grading print ( "a look" )'] if folded else [])
    printed = [tag.get_text(strip=True) for tag in soup.select(".outputs pre")]
    assert ("a look" in printed) is not folded


@functools.cache
def png(side: int, grain: int = 8, seed: int = 0) -> str:
    """A picture of coloured spots, in base64."""
    size = (side // grain, side // grain, 3)
    spots = np.random.default_rng(seed).integers(0, 255, size, dtype=np.uint8)
    picture = io.BytesIO()
    Image.fromarray(spots).resize((side, side), Image.Resampling.BICUBIC).save(
        picture, "PNG", compress_level=1
    )
    return base64.b64encode(picture.getvalue()).decode("ascii")


def drawing(picture: str) -> Any:
    """A student's cell that drew this."""
    output = nbformat.v4.new_output("display_data", {"image/png": picture})
    return nbformat.v4.new_code_cell("draw()", outputs=[output])


def test_a_page_holds_as_many_pictures_as_it_has_room_for() -> None:
    """Smaller, and those that don't fit are said; the words all stay."""
    words = nbformat.v4.new_markdown_cell("My words.")
    cells = [words, *(drawing(png(640, 32, number % 8)) for number in range(40))]
    page = BeautifulSoup(shown_page(nbformat.v4.new_notebook(cells=cells), []), "html.parser")
    shown, left_out = page.select(".outputs img"), page.select(".outputs .left-out")
    assert len(str(page).encode()) < LIMIT + 1_000
    assert 40 - len(left_out) == len(shown) > 20
    assert all(str(tag["src"]).startswith("data:image/webp") for tag in shown)
    assert "My words." in page.get_text()


def test_an_ordinary_picture_stays_as_it_was_drawn() -> None:
    """Nothing is opened that fits."""
    page = shown_page(nbformat.v4.new_notebook(cells=[drawing(png(320))]), [])
    assert f"data:image/png;base64,{png(320)}" in page


def test_what_given_cells_drew_is_the_first_to_go() -> None:
    """The student's own pictures keep their size where that is enough, and are there longest."""
    pictures = [Picture(png(640, 32, 1), given=True), Picture(png(320, 32, 2), given=False)]
    given, own = fitted(pictures, len(pictures[1].png) + 50_000)
    assert given is not None
    assert given.startswith("data:image/webp")
    assert own == f"data:image/png;base64,{pictures[1].png}"
    assert [one is None for one in fitted(pictures, 15_000)] == [True, False]


def test_a_picture_that_can_not_be_read_is_left_out() -> None:
    """One that would fill the memory, one that announces that behind its first bytes, one cut off,
    one with damage behind its pixels, and none.
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    def head(side: int) -> bytes:
        return chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))

    signature, whole = b"\x89PNG\r\n\x1a\n", base64.b64decode(png(800))
    side = int(PIXELS**0.5) + 1
    for data in (
        signature + head(side),
        signature + head(8) + head(60_000) + chunk(b"IDAT", b"x" * 90_000),
        whole[: len(whole) // 2],
        whole[:-12] + chunk(b"iCCP", b"abc\0") + whole[-12:],
        b"GIF89a" + b"x" * 90_000,
        b"",
    ):
        large = Picture(base64.b64encode(data * 5).decode(), given=False)
        others = [Picture(png(800, 4), given=True)] * 2
        assert fitted([large, *others], 200_000)[0] is None


@pytest.mark.parametrize(
    "cell",
    [
        nbformat.v4.new_code_cell("x = 1  # and more\n" * 2_000),
        nbformat.v4.new_markdown_cell("Many **words**. " * 800),
        nbformat.v4.new_code_cell(
            "x", outputs=[nbformat.v4.new_output("stream", text="y\n" * 9_000)]
        ),
    ],
    ids=["code", "words", "printed"],
)
def test_pages_of_endless_text_are_shortened(cell: Any) -> None:
    """Which is said."""
    cells = [nbformat.from_dict({**cell, "id": f"cell-{number}"}) for number in range(40)]
    page = shown_page(nbformat.v4.new_notebook(cells=cells), [])
    assert len(page.encode()) <= LIMIT
    assert re.search("more characters|too long for this page", page)


def test_what_a_person_changed_is_said() -> None:
    """And nothing where nobody did."""
    assert told_points(2.5, None, None) == ""
    assert told_points(2.5, 9.0, None) == "set by hand; the graders gave 2.5"
    assert told_points(2.5, 9.0, 1.0) == "with 1 extra, set by hand; the graders gave 2.5"
    assert told_points(None, 9.0, 0.0) == "set by hand"


def test_how_late_is_said_in_words() -> None:
    """With what it costs, as far as both are known."""
    assert told_late(0, 0) == ""
    assert told_late(7 * 3600 + 60, 2) == "Handed in 7 hours late: 2 points less."
    assert told_late(3 * 86_400, 0) == "Handed in 3 days late; nothing is taken off for that."
    assert told_late(86_400 + 3600, 0).startswith("Handed in 25 hours late")
    assert told_late(60, 0.5) == "Handed in 1 minute late: 0.5 points less."
    assert told_late(0, 2) == "Handed in late: 2 points less."


def test_the_head_says_whose_page_it_is(tmp_path: Path) -> None:
    """Name, times, what a person has changed; every link in it leads somewhere."""
    course = toy_course(tmp_path)
    hand_in(course, "bob", {**RIGHT, "double": "def double(x):\n    return x\n"})
    (course.root / "submitted/bob/toy/timestamp.txt").write_text("2026-03-21 07:12:44 UTC")
    grade_here(course, "bob")
    toy = read_assignment(course, "toy")
    import_verdicts(course, toy, ["bob"])
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        gradebook.update_or_create_student("bob", first_name="Bob", last_name="O<br>")
        grade = gradebook.find_grade("double_check", "toy", "toy", "bob")
        grade.manual_score, grade.extra_credit = 5.0, 1.0
        gradebook.db.commit()
    feedback_page(course, "toy", "bob").unlink()
    import_verdicts(course, toy, ["bob"])
    page = BeautifulSoup(feedback_page(course, "toy", "bob").read_text(), "html.parser")
    [head] = [tag.get_text(" ", strip=True) for tag in page.select("header")]
    assert "Bob O<br> (bob) · handed in 21 March 2026, 07:12 UTC · graded" in head
    assert "with 1 extra, set by hand; the graders gave 2 6 / 8" in head
    [changed] = page.select("#double_check .changed")
    assert changed.get_text() == ("6 of 8 points, with 1 extra, set by hand; the graders gave 2.")
    assert dead_links(page) == []


def dead_links(page: BeautifulSoup) -> list[str]:
    """Links within the page that lead nowhere."""
    targets = {f"#{tag['id']}" for tag in page.select("[id]")}
    links = [str(tag["href"]) for tag in page.select("a[href^='#']")]
    return [link for link in links if link not in targets]
