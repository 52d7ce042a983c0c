"""The page that a student gets back: the notebook with what was found in it.

Everything that comes from a student is escaped here, once, and the page forbids scripts and foreign
hosts besides.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import bleach
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader import utils
from nbgrader.preprocessors import GetGrades
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers.special import TextLexer
from traitlets.config import Config

from autograder.grading.booking import made_of, read_entries, signed_page
from autograder.grading.lexers import IPython
from autograder.grading.results import NEVER_RAN
from autograder.grading.wording import STATUSES, number, told_late, told_points, told_time
from autograder.nbgrader_bridge.fitting import fitting_page, is_given
from autograder.nbgrader_bridge.keeping import AtOnce
from autograder.nbgrader_bridge.mathematics import formula

TEMPLATES = Path(__file__).parent / "templates"
MARKDOWN_LIMIT = 20_000  # characters of one cell; beyond, it is shown as plain text
CODE_LIMIT = 20_000  # the same of a student's code
PAGE_LIMIT = 50_000  # characters of all of it; beyond, none is coloured
LINES = 15
STYLES = ("default", "github-dark")  # of Pygments
_HEADING = re.compile(r"^#{1,6} +(.*\S)", re.MULTILINE)
_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "em",
        "strong",
        "del",
        "code",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "div",
        "span",
        "a",
    ]
)
_ATTRIBUTES = {"a": ["href", "title"]}


def safe_markdown(source: str) -> str:
    """A student's markdown, or a comment, as one line of HTML:
    no markup of their own, no pictures, links to the web only.
    """
    if len(source) > MARKDOWN_LIMIT:
        html = f"<pre>{escape(source[:MARKDOWN_LIMIT])}…</pre>"
    else:
        renderer = _Quiet(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
        html = MarkdownWithMath(renderer=renderer).render(source)
    clean = bleach.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, protocols={"http", "https", "mailto"}, strip=True
    )
    return f'<div class="from-student">{clean.strip().replace(chr(10), "&#10;")}</div>'


class FeedbackExporter(HTMLExporter):
    """nbgrader's generate_feedback writes with it:
    a page without scripts that loads nothing from anywhere.
    """

    @property
    def default_config(self) -> Config:
        """This class's own section, which wins over what nbgrader sets for all HTML exporters."""
        config = super().default_config
        config.FeedbackExporter.template_name = "course_feedback"
        config.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        config.FeedbackExporter.exclude_anchor_links = True
        return config

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._rendered: dict[tuple[str, str, str], str] = {}  # the course's words, for all students

    def from_notebook_node(self, nb: Any, resources: Any = None, **kwargs: Any) -> tuple[str, Any]:
        """The page as the template writes it, of limited size.

        `HTMLExporter` parses every page once more, for what this template has already: the words
        that stand for a picture.
        """
        self.register_filter("highlight_code", _highlighting(nb))
        notebook, resources = Exporter.from_notebook_node(
            self, nb, self._init_resources(resources), **kwargs
        )
        self._nb_metadata.clear()  # of no use any more, and kept for every student
        draw = functools.partial(self.template.render, resources=resources, code_css=_code_css())
        page = fitting_page(notebook, lambda: str(draw(nb=notebook)).lstrip())
        made = resources["nbgrader"].get("made_of", "")
        return signed_page(page, made) if made else page, resources

    def default_filters(self) -> Any:
        """nbconvert's, and how points are written."""
        yield from super().default_filters()
        yield "points", number
        yield "status_sentence", lambda status: STATUSES.get(status, "")
        yield "never_ran", lambda status: status in NEVER_RAN
        yield "text_of", self._text_of
        yield "safe_markdown", safe_markdown
        yield "undecided", _undecided
        yield "runs", _runs
        yield "tall", _tall

    @pass_context
    def _text_of(self, context: Any, cell: Any) -> str:
        """The words of a markdown cell as HTML."""
        origin = cell.metadata.get("autograder", {}).get("text")
        if origin == "made safe":
            return str(cell.source)
        if origin != "course":
            return safe_markdown(cell.source)
        resources = context["resources"]
        attached = cell.get("attachments", {})
        # the pictures beside it are the course's too: nbgrader copies them from source/
        known = (resources["nbgrader"]["assignment"], cell.source, json.dumps(attached))
        if known not in self._rendered:
            path = str(resources["metadata"]["path"])
            self._rendered[known] = _course_text(cell.source, path, attached)
        return self._rendered[known]


class ReadSubmission(AtOnce):
    """Whose notebook it is and when it was handed in, in words, and what its page is made of."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put it beside what nbgrader puts there."""
        done = super().preprocess(nb, resources)
        notebook = self.gradebook.find_submission_notebook()
        submission = notebook.assignment
        student = submission.student
        names = resources["nbgrader"]
        entry = read_entries(self.gradebook.gradebook, names["assignment"], student.id)[student.id]
        names |= {
            "name": " ".join(filter(None, (student.first_name, student.last_name))),
            "handed_in": told_time(submission.timestamp) if submission.timestamp else "",
            "late": told_late(
                submission.total_seconds_late, notebook.late_submission_penalty or 0.0
            ),
            "made_of": made_of(nb.metadata.get("autograder", {}).get("entered", {}), entry),
        }
        return done


class ReadGrades(GetGrades, ReadSubmission):
    """nbgrader's `GetGrades`, which also says where a person's mark is still to come, and what a
    person has changed.
    """

    def _get_score(self, cell: Any, resources: Any) -> None:
        super()._get_score(cell, resources)
        grade_id = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["waits"] = grade.manual_score is None and bool(
            grade.needs_manual_grade
        )
        graders = None if utils.is_solution(cell) else grade.auto_score
        by_hand = None if utils.is_solution(cell) else grade.manual_score
        cell.metadata.nbgrader["changed"] = told_points(graders, by_hand, grade.extra_credit)


class _Course(IPythonRenderer):
    """The course's own markdown: formulas and pictures become part of the page."""

    def inline_math(self, body: str) -> str:
        return formula(body)

    def block_math(self, body: str) -> str:
        return f'<div class="formula">{formula(body)}</div>'

    def latex_environment(self, name: str, body: str) -> str:  # noqa: ARG002
        return f'<div class="formula">{formula(body)}</div>'


class _Quiet(IPythonRenderer):
    """Markdown whose pictures and diagrams are only named."""

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002
        return f"[picture: {self.escape_html(text or 'without a description')}]"

    def heading(self, text: str, level: int, **attributes: Any) -> str:  # noqa: ARG002
        return f"<p><strong>{text}</strong></p>"  # no part of the page's own outline

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre>{self.escape_html(code)}</pre>"


def _course_text(source: str, path: str, attachments: Any) -> str:
    renderer = _Course(
        escape=False,
        embed_images=True,
        exclude_anchor_links=True,
        path=path,
        attachments=attachments,
    )
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _highlighting(notebook: Any) -> Callable[[str, Any], str]:
    """From a cell's code and metadata to the code in colours: of the course's, once for all
    students; of a student's, once for this page, and only where that takes no time to speak of.
    """
    language = notebook.metadata.get("language_info", {})
    lexer = language.get("pygments_lexer", language.get("name")) or "ipython3"
    own = [cell.source for cell in notebook.cells if _is_own_code(cell)]
    longest = CODE_LIMIT if sum(map(len, own)) <= PAGE_LIMIT else 0
    coloured = functools.cache(functools.partial(_coloured_own, lexer=lexer, longest=longest))

    def highlighted(source: str, metadata: Any) -> str:
        if not _is_course(metadata):
            return coloured(source)
        magic = lexer.startswith("ipython") and metadata.get("magics_language")
        return _coloured(source, str(magic or lexer))

    return highlighted


def _is_own_code(cell: Any) -> bool:
    return bool(cell.cell_type == "code") and not _is_course(cell.metadata)


def _is_course(metadata: Any) -> bool:
    return bool(metadata.get("autograder", {}).get("text") == "course")


@functools.lru_cache(maxsize=1_000)
def _coloured(source: str, lexer: str) -> str:
    return str(Highlight2HTML(pygments_lexer=lexer)(source))


def _coloured_own(source: str, lexer: str, longest: int) -> str:
    """A student's code, which may be made to take long to read; plain text where it is longer."""
    reader = IPython() if len(source) <= longest else TextLexer()
    shown = HtmlFormatter(cssclass=escape(f" highlight hl-{lexer}"))
    return str(highlight(source or " ", reader, shown))


def coloured(source: str, language: str = "ipython3", metadata: Any = None) -> str:  # noqa: ARG001
    """Any cell's code in the formgrader, in the place of nbconvert's `highlight_code`."""
    return _coloured_own(source, language, CODE_LIMIT)


def _undecided(notebook: Any) -> float:
    """The points that wait for a person."""
    roles = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return float(sum(role["points"] for role in roles if role.get("waits")))


@dataclass(frozen=True)
class Run:
    """Cells that stand together: the course's own, which are folded, or the student's."""

    cells: Sequence[Any]
    title: str = ""  # of folded ones

    @property
    def folded(self) -> bool:
        """Whether they are."""
        return bool(self.title)


def _runs(cells: Sequence[Any]) -> list[Run]:
    runs = []
    for given, some in groupby(cells, key=_foldable):
        run = list(some)
        runs.append(Run(run, _title(run) if given else ""))
    return runs


def _foldable(cell: Any) -> bool:
    """Whether it holds nothing of the student's: an error in a given cell may be theirs."""
    return is_given(cell) and not any(
        output.output_type == "error" for output in cell.get("outputs", [])
    )


def _title(cells: Sequence[Any]) -> str:
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    heading = next(filter(None, (_HEADING.search(text) for text in texts)), None)
    if heading:
        return re.sub(r"[*`$]", "", heading[1]).strip()
    return "Text of the course" if texts else "Given cells"


def _tall(text: str) -> bool:
    """Whether it is higher than the window in which it is shown, at least on a phone."""
    return sum(1 + len(line) // 40 for line in text.splitlines()) > LINES


@functools.cache
def _code_css() -> str:
    """The colours of code, by day and by night."""
    day, night = (HtmlFormatter(style=name).get_style_defs(".highlight") for name in STYLES)
    return f"{day}\n@media screen and (prefers-color-scheme: dark) {{\n{night}\n}}"
