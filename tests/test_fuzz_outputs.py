"""What a hostile kernel sends, and what students write, on the way to their page: kept or left out,
and never markup.
"""

from __future__ import annotations

import base64
import json
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import examples, mangled, texts, values

from autograder.nbgrader_bridge.checks import checks_html, checks_text
from autograder.nbgrader_bridge.exporter import mark_origin
from autograder.nbgrader_bridge.feedback import (
    FeedbackExporter,
    safe_markdown,
)
from autograder.nbgrader_bridge.mathematics import formula
from autograder.nbgrader_bridge.preprocessors import SafeMarkdown
from autograder.records import Check, TaskVerdict
from autograder.rooms.outputs import Flood, Outputs
from autograder.rooms.student import _cell_error, _count

KINDS = ["stream", "display_data", "execute_result", "error", "clear_output", "status", "x", ""]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 30).decode()
CONTENT = {
    "name": "stderr",
    "text": "a\rb\n",
    "wait": True,
    "ename": "E",
    "evalue": "no",
    "traceback": ["a", "b"],
    "data": {"text/plain": "x", "image/png": PNG, "text/html": "<b>x</b>"},
}
MARKUP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</pre><h1>10</h1>", "<svg/onload=x>",
    '"><b onclick=x>', "<!--", "-->", "<![CDATA[", "]]>", "<a href='javascript:x'>y</a>", "`<b>`", "&lt;",
    "\x1b[31m<b>\x1b[0m", "\x1b]8;;javascript:x\x07y\x1b]8;;\x07", "<style>*{}</style>", "</style>",
    "{{ 7 }}", "[x](javascript:x)", "![x](http://evil.example/x.png)", "<x y=`z`>", "<https://x.y>",
    "|a|b|\n|-|-|\n|<b>|c|", "```\n<b>\n```", "    <b>", "$<b>$", "$$\\unicode{<b>}$$", "* * *", "> >",
    "[a]: http://x '<b>'", "[a]", "&#60;b&#62;", "\\<b>", "<b", "b>", "<?php", "<!DOCTYPE x>",
]  # fmt: skip
# what our own pages are made of; of a student's text there are but these, without a handler in them
KNOWN = {
    "a", "b", "blockquote", "body", "br", "caption", "code", "dd", "del", "details", "div", "dl",
    "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "img", "li",
    "main", "meta", "ol", "p", "pre", "section", "span", "strong", "style", "summary", "table",
    "tbody", "td", "th", "thead", "title", "tr", "ul",
}  # fmt: skip


class Live(HTMLParser):
    """Everything in a page that is not known to be ours and harmless."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = {name: value or "" for name, value in attrs}
        if tag not in KNOWN or any(name.startswith("on") for name in given):
            self.found.append(f"<{tag} {given}>")
        if tag == "img" and not given.get("src", "").startswith("data:image/"):
            self.found.append(f"<img {given}>")
        address = given.get("href", "#")
        if not address.startswith(("#", "http://", "https://", "mailto:")):
            self.found.append(f"<{tag} {given}>")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data}>")


def live(html: str) -> Live:
    parser = Live()
    parser.feed(html)
    parser.close()
    return parser


def markup() -> st.SearchStrategy[str]:
    """Texts out of pieces of HTML, markdown and what escapes from either."""
    piece = (
        st.sampled_from(MARKUP) | texts() | st.sampled_from([" ", "\n", "\n\n", "* ", "> ", "# "])
    )
    return st.lists(piece, max_size=6).map("".join)


def deep(levels: int) -> Any:
    found: Any = "x"
    for _ in range(levels):
        found = [found]
    return found


def messages() -> st.SearchStrategy[tuple[str, Any]]:
    contents = mangled(CONTENT).filter(lambda content: isinstance(content, dict))
    return st.tuples(st.sampled_from(KINDS), contents | st.dictionaries(texts(), values()))


@examples(0.5)
@given(st.lists(messages(), max_size=3), st.sampled_from([0, 1, 20, 10_000]))
@example([("display_data", {"data": {"image/png": PNG + '"><script>alert(1)</script>'}})], 10_000)
def test_any_messages_of_a_kernel(sent: list[tuple[str, Any]], budget: int) -> None:
    """What is kept is within its budget, can be written, and pictures are pictures."""
    outputs = Outputs(budget, 100_000)
    try:
        for kind, content in sent:
            outputs.take(kind, content, 100)
    except Flood:
        pass
    kept = outputs.finished()
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=kept)]))
    json.dumps(kept, ensure_ascii=False).encode()
    for output in kept:
        base64.b64decode(output.get("data", {}).get("image/png", ""), validate=True)


@given(mangled({"type": "E", "message": "no", "explanation": "x", "through": ["a"]}) | values())
@example({"type": "\ud800", "through": ["\udfff"]})
def test_any_reply_about_an_error(told: Any) -> None:
    """Text that can be written, or nothing."""
    error = _cell_error(told)
    if error is not None:
        for text in (error.type, error.message, error.explanation or "", *error.through):
            text.encode()
            assert len(text) <= 2_000


def test_what_is_nested_too_deeply_to_be_said() -> None:
    """Where text is expected, it is nothing."""
    outputs, kept = Outputs(100, 100_000), deep(100_000)
    outputs.take("stream", {"text": kept}, 100)
    outputs.take("error", {"ename": kept, "evalue": kept, "traceback": [kept]}, 100)
    assert [output.output_type for output in outputs.finished()] == ["stream", "error"]
    assert _cell_error({"type": kept, "message": kept, "through": [kept]}) is not None


@given(values())
@example(1 << 31)
@example(True)
@example(-1)
def test_any_number_of_an_execution(given: Any) -> None:
    """One that a notebook can hold, or none."""
    cell = nbformat.v4.new_code_cell("x", execution_count=_count(given))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@given(markup())
@example("`<b>`" * 20)
def test_a_students_words_are_no_markup(text: str) -> None:
    """In the table of checks: the same tags whatever they wrote."""

    def tags(words: str) -> list[str]:
        checks = (
            Check("c", "failed", 1, "It adds.", words or "x", words or "x", words or "x", "m"),
            Check("d", "broken", 1, "It learns.", found=words or "x"),
            Check("e", "passed", 1, "It is.", found=words or "x", hint=words or "x"),
        )
        task = TaskVerdict("add", 1.0, 2.0, checks)
        checks_text(task)
        parser = live(checks_html(task))
        assert parser.found == []
        return [tag for tag in parser.tags if tag != "code"]  # `x` is set as code

    assert tags("x") == tags(text) or len(text) > 60  # longer words are said once


@given(markup())
@example("> " * 5_000)
@example("* " * 5_000 + "x")
@example("[" * 5_000 + "](" * 5_000)
def test_a_students_markdown_is_inert(text: str) -> None:
    """One line of HTML with nothing live in it."""
    html = safe_markdown(text)
    assert live(html).found == []
    assert "\n" not in html


@examples(0.3)
@given(markup(), markup(), markup())
def test_a_students_page_is_inert(code: str, said: str, printed: str) -> None:
    """A cell, words and outputs of theirs on the page that nbgrader hands back."""
    outputs = Outputs(10_000, 100_000)
    outputs.take("stream", {"name": "stdout", "text": printed}, 100)
    outputs.take("error", {"ename": said, "evalue": printed, "traceback": [printed, said]}, 100)
    shown = {"text/plain": printed, "image/png": PNG + said, "text/html": said}
    outputs.take("display_data", {"data": shown}, 100)
    outputs.take("display_data", {"data": {"text/plain": printed}}, 100)
    role = {"grade_id": "double", "solution": True, "grade": False, "locked": False}
    cells = [
        nbformat.v4.new_code_cell(code, outputs=outputs.finished(), metadata={"nbgrader": role}),
        nbformat.v4.new_markdown_cell(said),
        nbformat.v4.new_raw_cell(said),
    ]
    page = shown_page(nbformat.v4.new_notebook(cells=cells), [printed])
    assert live(page).found == []


def shown_page(notebook: Any, remarks: list[str]) -> str:
    """The page, as `nbgrader generate_feedback` has it written."""
    template = nbformat.v4.new_notebook(cells=[])
    notebook = mark_origin(notebook, template)
    notebook.metadata["autograder"] = {"status": "graded", "remarks": remarks}
    role = {"assignment": "toy", "score": 1.0, "max_score": 2.0, "late_penalty": 0.0}
    resources: dict[str, Any] = {
        "nbgrader": {**role, "notebook": "toy", "student": "ann", "index": []},
        "metadata": {"name": "toy", "path": str(Path.cwd())},
    }
    exporter = FeedbackExporter()
    exporter.register_preprocessor(SafeMarkdown, enabled=True)
    notebook, resources = exporter._preprocess(notebook, exporter._init_resources(resources))
    page: str = exporter.from_notebook_node(notebook, resources)[0]
    return page


@pytest.mark.filterwarnings("ignore::UserWarning")  # characters that no font has
@examples(0.5)
@given(st.lists(st.sampled_from(["\\frac{a}{b}", "{", "}", "^", "_", "\\sum", "x", "\\left(", "\\", "$",
                                 "\\text{é}", "\\begin{x}", "&", "<b>", "%", "#", "\\sqrt[", "\\\\"])
                | texts(), max_size=5).map("".join))  # fmt: skip
@example("{}")
@example("{" * 3_000)
@example("_" * 3_000)
@example("\\sqrt{" * 200 + "}" * 200)
def test_any_formula(tex: str) -> None:
    """A picture, or its source as code."""
    begin = time.process_time()
    html = formula(tex)
    assert time.process_time() - begin < 10
    parser = live(html)
    assert parser.found == []
    assert parser.tags in (["img"], ["code"])


SLOW = {
    "text in triple quotes": '"""' * 30_000,
    "brackets": "(" * 50_000,
    "backslashes": "\\" * 100_000,
    "f-strings": "f'{" * 20_000,
    "numbers": "0x" * 50_000,
    "signs of commands": "%%" * 40_000,
    "blanks": " " * 100_000,
    "decorators": "@a.b" * 20_000,
    "blank lines": "\n" * 50_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_colours_of_code_made_to_be_slow(name: str) -> None:
    """Nobody waits for one student's cell."""
    begin = time.process_time()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SLOW[name])])
    shown_page(notebook, [])
    assert time.process_time() - begin < 15
