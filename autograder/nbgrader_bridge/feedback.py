"""What a student sees: the table of checks under each check cell, and the page around the notebook.

Everything that comes from a student is escaped here, once, and the page forbids scripts and foreign
hosts besides.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from html import escape
from pathlib import Path
from typing import Any

import bleach
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from markupsafe import Markup
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades
from traitlets.config import Config

from autograder.grading.booking import made_of, read_entries, signed_page
from autograder.grading.wording import ENDINGS, STATUSES, told_expected, told_found, told_hint
from autograder.nbgrader_bridge.keeping import AtOnce
from autograder.nbgrader_bridge.mathematics import formula
from autograder.records import Check, TaskVerdict

TEMPLATES = Path(__file__).parent / "templates"
MARKDOWN_LIMIT = 20_000  # characters of one cell; beyond, it is shown as plain text
SHORT = 60  # characters; whatever is longer is said once to a task
ICONS = {  # ending: icon, colour
    "passed": ("✔", "#1a7f37"),
    "failed": ("✘", "#c62828"),
    "blocked": ("⏸", "#6b5b00"),
    "broken": ("⚑", "#5e35b1"),
}
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
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
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


def checks_html(task: TaskVerdict) -> str:
    """The table of a task's checks, a fragment that brings its own style."""
    return _environment().get_template("checks.html.j2").render(task=task, rows=_rows(task))


def checks_text(task: TaskVerdict) -> str:
    """The same table for a terminal."""
    lines = [f"{task.task}: {_number(task.score)} of {_number(task.max_score)} points"]
    for row in _rows(task):
        lines.append(f"{row['icon']} {row['word']:<14} {row['points']:>9}  {row['check'].sentence}")
        details = [
            ("expected", row["expected"]),
            ("found", row["found"]),
            (row["advice"], row["hint"]),
        ]
        lines += [f"    {name}: {text}" for name, text in details if text]
    return "\n".join(lines)


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
        """The page as the template writes it.

        `HTMLExporter` parses every page once more, for what this template has already: the words
        that stand for a picture.
        """
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name")) or "ipython3"
        self.register_filter("highlight_code", functools.partial(_highlighted, lexer=lexer))
        done: tuple[str, Any] = TemplateExporter.from_notebook_node(
            self, nb, self._init_resources(resources), **kwargs
        )
        self._nb_metadata.clear()  # of no use any more, and kept for every student
        page, told = done
        return signed_page(page, told["nbgrader"].get("made_of", "")), told

    def default_filters(self) -> Any:
        """nbconvert's, and how points are written."""
        yield from super().default_filters()
        yield "points", _number
        yield "status_sentence", lambda status: STATUSES.get(status, "")
        yield "text_of", self._text_of
        yield "safe_markdown", safe_markdown
        yield "undecided", _undecided

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


class ReadGrades(GetGrades, AtOnce):
    """nbgrader's `GetGrades`, which also says where a person's mark is still to come, and what
    the page is made of.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Write points and comments into the cells."""
        nb, resources = super().preprocess(nb, resources)
        names = resources["nbgrader"]
        course_id = self.parent.parent.coursedir.course_id
        with Gradebook(names["db_url"], course_id) as gradebook:
            entry = read_entries(gradebook, names["assignment"], names["student"])[names["student"]]
        names["made_of"] = made_of(nb.metadata.get("autograder", {}).get("entered", {}), entry)
        return nb, resources

    def _get_score(self, cell: Any, resources: Any) -> None:
        super()._get_score(cell, resources)
        grade_id = cell.metadata.nbgrader["grade_id"]
        grade = self.gradebook.find_grade(
            grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        cell.metadata.nbgrader["waits"] = grade.manual_score is None and bool(
            grade.needs_manual_grade
        )


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


@functools.lru_cache(maxsize=1_000)
def _coloured(source: str, lexer: str) -> str:
    return str(Highlight2HTML(pygments_lexer=lexer)(source))


def _highlighted(source: str, metadata: Any, lexer: str) -> str:
    """The code in colours; what the course gave is coloured once for all students."""
    if lexer.startswith("ipython") and "magics_language" in metadata:
        lexer = str(metadata["magics_language"])
    return _coloured(source, lexer)


def _undecided(notebook: Any) -> float:
    """The points that wait for a person."""
    roles = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return float(sum(role["points"] for role in roles if role.get("waits")))


def _rows(task: TaskVerdict) -> list[dict[str, Any]]:
    total = sum(check.weight for check in task.checks) or 1.0
    rows = [_row(check, task.max_score * check.weight / total) for check in task.checks]
    said: set[str] = set()
    for row in rows:
        told = {row["hint"], row["found"]}
        for name in ("hint", "found"):
            if len(row[name]) > SHORT and row[name] in said:
                row[name] = "the same as above"
        said |= told
    return rows


def _row(check: Check, points: float) -> dict[str, Any]:
    icon, colour = ICONS[check.ending]
    return {
        "check": check,
        "icon": icon,
        "word": ENDINGS[check.ending],
        "colour": colour,
        "points": f"{_number(points if check.ending == 'passed' else 0.0)} / {_number(points)}",
        "expected": told_expected(check),
        "found": told_found(check),
        "hint": check.hint,
        "advice": told_hint(check),
        "picture": _data_url(check.picture) if check.picture else None,
    }


def _data_url(svg: str) -> str:
    """An SVG as the address of a picture: as one, it can neither run nor load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def _number(points: float | None) -> str:
    return f"{round(float(points or 0.0), 2):g}"


@functools.cache
def _environment() -> Environment:
    loader = PackageLoader("autograder.nbgrader_bridge")
    page = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters["with_code"] = _with_code
    return page


def _with_code(text: str) -> Markup:
    """The text escaped, what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704
