"""The checks of a task as a student sees them: a mistake is told once, however many checks it
fails.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from autograder.architecture.legend import legend
from autograder.grading.wording import ENDINGS, number, told_expected, told_found, told_hint
from autograder.records import Check, Ending, TaskVerdict
from autograder.submissions.leaning import needed

MEND_FIRST = "something is wrong there, too, and what is said here may come of it. Mend that first."
NOTHING: Mapping[str, set[str]] = MappingProxyType({})
SHORT = 60  # characters; whatever is longer is said once on a page
PICTURES = 150_000  # characters of pictures on a page; what is drawn beyond is only said
ICONS = {"passed": "✔", "failed": "✘", "blocked": "⏸", "broken": "⚑"}  # of a terminal
ORDER: tuple[Ending, ...] = ("failed", "broken", "blocked", "passed")
SAME = {
    "passed": "Passed with the same remark:",
    "failed": "Not passed for the same reason:",
    "blocked": "Waiting for the same:",
    "broken": "Held back for the same reason:",
}
TALL = 900  # pixels; of a picture that is higher, the part around the first mark is shown
_SIZE = re.compile(r'<svg[^>]* width="([\d.]+)"[^>]* viewBox="0 0 [\d.]+ ([\d.]+)"')
# a marked layer, or one or a connection that is missing
_MARK = re.compile(r'<(?:rect[^>]* y="|path d="M[\d.]+ )([\d.]+)[^>]* stroke-width="(?:3|2\.5)"')
_SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}")  # two words, and no value


@dataclass(frozen=True)
class Part:
    """What is shown of a tall picture before it is enlarged: the part around its first mark."""

    width: str  # of the picture, in pixels
    place: str  # of the mark: "42%" of the way down


@dataclass(frozen=True)
class Row:
    """One check in a table."""

    check: Check
    points: str  # "0 / 2.5"
    expected: str
    found: str
    hint: str
    picture: str | None  # SVG
    part: Part | None = None  # to be shown of it if it is too tall
    left_out: bool = False  # whether there is a picture for which the page has no room

    @property
    def word(self) -> str:
        """The ending in words."""
        return ENDINGS[self.check.ending]

    @property
    def advice(self) -> str:
        """Under which word the hint stands."""
        return told_hint(self.check)


@dataclass(frozen=True)
class Group:
    """Checks that ended the same way for the same reason, which the first one tells."""

    first: Row
    others: tuple[Row, ...] = ()

    @property
    def same(self) -> str:
        """What stands above the others."""
        return SAME[self.first.check.ending]


def checks_html(
    task: TaskVerdict, above: Sequence[TaskVerdict] = (), uses: Mapping[str, set[str]] = NOTHING
) -> str:
    """The table of a task's checks, a fragment; `above` are the tasks whose tables stand above it
    on the page. The first one brings the style of all. `uses` says of which other tasks' answers
    each makes use.
    """
    groups = _told(task, above)
    quiet = [g for g in groups if g.first.check.ending == "passed" and not g.first.hint]
    return _environment().get_template("checks.html.j2").render(
        task=task,
        styled=bool(above),
        groups=[group for group in groups if group not in quiet],
        quiet=[group.first for group in quiet],
        earned=number(task.score),
        points=number(task.max_score),
        passed=sum(check.ending == "passed" for check in task.checks),
        first=mend_first(task, above, uses),
        mend_first=MEND_FIRST,
        words=_words(task, above),
    )  # fmt: skip


def checks_text(
    task: TaskVerdict, above: Sequence[TaskVerdict] = (), uses: Mapping[str, set[str]] = NOTHING
) -> str:
    """The same table for a terminal."""
    lines = [f"{task.task}: {number(task.score)} of {number(task.max_score)} points"]
    if first := mend_first(task, above, uses):
        lines.append(f"  It uses your answer to {' and '.join(first)}: {MEND_FIRST}")
    for group in _told(task, above):
        row = group.first
        lines.append(_line(row))
        told = [("expected", row.expected), ("found", row.found), (row.advice, row.hint)]
        lines += [f"    {name}: {text}" for name, text in told if text]
        if group.others:
            lines.append(f"    {group.same}")
        lines += [_line(other) for other in group.others]
    if words := _words(task, above):
        lines.append("  Words: " + "; ".join(f"{word} {said}" for word, said in words.items()))
    return "\n".join(lines)


def mend_first(
    task: TaskVerdict, above: Sequence[TaskVerdict], uses: Mapping[str, set[str]]
) -> list[str]:
    """The tasks further up with something wrong in them of whose answers this one makes use; none
    where it has nothing wrong itself.
    """
    if not _is_wrong(task):
        return []
    behind = needed([task.task], uses)
    return [one.task for one in above if one.task in behind and _is_wrong(one)]


def _is_wrong(task: TaskVerdict) -> bool:
    return any(check.ending == "failed" for check in task.checks)


def _words(task: TaskVerdict, above: Sequence[TaskVerdict]) -> dict[str, str]:
    """The words in which layers are written in this table, without those that the page has
    explained before.
    """
    said = [_legend(one) for one in above]
    return {
        word: meaning
        for word, meaning in _legend(task).items()
        if not any(word in one for one in said)
    }


def _legend(task: TaskVerdict) -> dict[str, str]:
    told = (text for one in task.checks for text in (told_expected(one), told_found(one)))
    return legend("\n".join(told))


def _line(row: Row) -> str:
    return f"{ICONS[row.check.ending]} {row.word:<14} {row.points:>9}  {row.check.sentence}"


def _told(task: TaskVerdict, above: Sequence[TaskVerdict]) -> list[Group]:
    """The task's groups, without what the page has said before."""
    said: dict[str, str] = {}  # text or picture: the task that told it
    room = PICTURES
    told: list[Group] = []
    for shown in (*above, task):
        told = []
        for group in _grouped(shown):
            first, picture = group.first, group.first.picture
            fits = picture is None or len(picture) <= room
            told.append(replace(group, first=_shortened(first, shown.task, said, fits)))
            said |= dict.fromkeys((first.found, first.hint), shown.task)
            if picture and fits and picture not in said:
                room -= len(picture)
                said[picture] = shown.task
    return told


def _shortened(row: Row, task: str, said: dict[str, str], fits: bool) -> Row:
    def once(text: str) -> str:
        if len(text) <= SHORT or text not in said:
            return text
        return "the same as above" if said[text] == task else f"the same as in {said[text]} above"

    new = row.picture if row.picture not in said else None
    return replace(
        row,
        found=once(row.found),
        hint=once(row.hint),
        picture=new if fits else None,
        left_out=bool(new) and not fits,
    )


def _grouped(task: TaskVerdict) -> list[Group]:
    """What failed first, then what waits for something, then what has passed."""
    total = sum(check.weight for check in task.checks) or 1.0
    groups: list[list[Check]] = []
    for check in sorted(task.checks, key=lambda check: ORDER.index(check.ending)):
        for group in groups:
            if any(_same(check, other) for other in group):
                group.append(check)
                break
        else:
            groups.append([check])
    rows = [[_row(check, task.max_score * check.weight / total) for check in one] for one in groups]
    return [Group(first, tuple(others)) for first, *others in rows]


def _same(one: Check, other: Check) -> bool:
    """Whether both ended so for the same reason. Two that found the same value did not."""
    if one.ending != other.ending:
        return False
    if one.ending == "passed":
        return bool(one.hint) and one.hint == other.hint
    known = one.misconception is not None and one.misconception == other.misconception
    drawn = one.picture is not None and one.picture == other.picture
    return known or drawn or (one.found == other.found and bool(_SENTENCE.search(one.found)))


def _row(check: Check, points: float) -> Row:
    earned = {"passed": number(points), "broken": "–"}.get(check.ending, "0")
    return Row(
        check,
        points=f"{earned} / {number(points)}",
        expected=told_expected(check),
        found=told_found(check),
        hint=check.hint,
        picture=_data_url(check.picture) if check.picture else None,
        part=_part(check.picture or ""),
    )


def _part(svg: str) -> Part | None:
    size, mark = _SIZE.search(svg), _MARK.search(svg)
    if not (size and mark) or float(size[2]) <= TALL:
        return None
    return Part(size[1], f"{min(100.0, 100 * float(mark[1]) / float(size[2])):.0f}%")


def _data_url(svg: str) -> str:
    """An SVG as the address of a picture: as one, it can neither run nor load anything."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


@functools.cache
def _environment() -> Environment:
    page = Environment(
        loader=PackageLoader("autograder.nbgrader_bridge"),
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
