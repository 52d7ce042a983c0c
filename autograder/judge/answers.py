"""What a grader is given: the answers to its questions,
or the ending that follows where there is none.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from autograder.answers.artefacts import Answer, read_answer
from autograder.answers.questions import (
    Call,
    Calls,
    Network,
    Notebook,
    Question,
    Random,
    Snippet,
    Symbolic,
    Variable,
    names_asked,
    to_data,
)
from autograder.architecture import Architecture
from autograder.architecture.agreement import arrays_inside
from autograder.architecture.proven import proven
from autograder.errors import UsageError
from autograder.judge.expectations import Blocked, Failure
from autograder.judge.structure import expect_computable
from autograder.records import CellError, Run, SectionRun
from autograder.rooms.libraries import lacking, not_there

# how Python, and a question, speak of a name that is not there
_MISSING = re.compile(r"(?:name '|«)(\w+)[»'] is not defined")

# from an error to the id of the misconception behind it
Diagnosis = Callable[[CellError], str | None]

# the hint where a cell stopped, in the place of what a check says else
RUN_IT_FIRST = "The cell has to run to its end first."
READ_BY = "Python {}.{} reads it here, which lacks what newer versions know."
ONLY_THESE = "Do it with a library that is there, or in plain Python."  # where one is not

_AROUND = re.compile(
    r"Could not automatically infer the output shape.*?Error encountered:\s*", re.DOTALL
)
_RECEIVED = re.compile(r"\s*Arguments received by \S+\.call\(\):.*\Z", re.DOTALL)
# how IPython calls the file of a cell: by a number that tells nothing
_CELL_LINE = re.compile(
    r"\(\d+\.py, line (\d+)\)|File \"[^\"]*/ipykernel_\d+/\d+\.py\", line (\d+)"
)
# what libraries say of an optional one that they lack
_TO_INSTALL = re.compile(r"\bpip\b.{0,20}\binstall\b")
# a snippet's uses of the notebook by a key that it is given
_BY_KEY = re.compile(r"notebook\[given\[\"(\w+)\"\]\]")
_STOPPED = {
    "timeout": "your cell ran for too long and was stopped after {seconds:.0f} s",
    "out_of_memory": "your cell needed more memory than there is and was stopped",
    "crashed": "your cell ended the whole Python process",
    "skipped": "your cell was not run, since a task that it needs did not finish",
    "error": "your cell stopped with {error}",
}
_UNREADABLE = {"SyntaxError", "IndentationError", "TabError"}  # what Python can't read, can't start
_UNANSWERED = {
    "missing": "{detail}",
    "refused": "{call} gave something that can't be handed over: {detail}",
    "timeout": "{call} did not return in time and was stopped",
    "crashed": "{call} ended the whole Python process",
    "not_asked": "{call} was not tried",
}


@dataclass
class Answers:
    """The answers to the questions of one task. Each method raises the right ending
    where its answer is none.
    """

    run_dir: Path
    run: Run
    task: str
    asked: Mapping[str, Mapping[str, Question]]  # by task
    needs: tuple[str, ...] = ()
    # parsed and rebuilt models, for a whole session
    cache: dict[tuple[str, str], Any] = field(default_factory=dict)
    seen: list[Architecture] = field(default_factory=list)  # what the running check looked at
    remarks: list[str] = field(default_factory=list)  # what it said without taking points
    leans: set[str] = field(default_factory=set)  # other tasks that were looked at
    variables: set[str] = field(default_factory=set)  # tasks of which variables were looked at

    @property
    def questions(self) -> Mapping[str, Question]:
        """What was asked about the task, as the run keeps it."""
        return self.asked.get(self.task, {})

    def of(self, task: str) -> Answers:
        """The answers about another task."""
        self.leans.add(task)
        return replace(self, task=task, needs=())

    def answer(self, question: str, diagnose: Diagnosis | None = None) -> Answer:
        """The answer to a question, whatever its kind.

        Raises:
            Blocked: an earlier task is the reason that there is none.
            Failure: there is none, and `diagnose` may name the misconception behind the error.
        """
        answer = self.outcome(question)
        if answer.outcome in {"model", "array", "value", "values"}:
            return answer
        raise self._reason(question, answer, diagnose)

    def outcome(self, question: str) -> Answer:
        """The record of what came of a question, errors among it."""
        if question not in self.questions:
            raise UsageError(
                f"{self.task} asks no question «{question}»; it asks {', '.join(self.questions)}"
            )
        if isinstance(self.questions[question], Variable):
            self.variables.add(self.task)
        answer = read_answer(self.run_dir, self.task, question)
        return answer if answer.error is None else replace(answer, error=unwrapped(answer.error))

    def refusal(self, question: str) -> CellError | None:
        """The error that the student's own code answered with,
        None where it gave an answer; else as `answer`.
        """
        answer = self.outcome(question)
        if answer.outcome == "error" and answer.error is not None and not self._stub(answer.error):
            self._blame(answer)
            return answer.error
        self.answer(question)
        return None

    def stopped(self) -> str | None:
        """What ended the task's own section before its last cell did, None where nothing has.

        Raises:
            Blocked: an earlier task has.
        """
        section = self._section(self.task)
        if section is None or section.status == "done":
            return None
        if section.error is not None:
            self._blame_error(section.error)
        return self._stopped(section)

    def in_context(self, failure: Failure) -> Failure | Blocked:
        """The failure with the error first that stopped the section, where a variable of the task
        was looked at: it may not have got its last value. Or what an earlier task did to it.
        """
        try:
            stopped = self.stopped() if self.task in self.variables else None
        except Blocked as blocked:
            return blocked
        if stopped and stopped not in failure.found:
            failure.found = f"{stopped}; {failure.found}"
        return failure

    def value(self, question: str) -> Any:
        """The plain value that the answer is."""
        return self._of_kind(question, "value", "a plain value").value

    def values(self, question: str) -> list[Any]:
        """The plain values of many calls; the first call that raised ends the check."""
        answer = self._of_kind(question, "values", "plain values")
        for n, outcome in enumerate(answer.values):
            if (error := outcome.get("error")) is not None:
                self._blame_error(error)
                expected = f"a value from {self.words(question, n)}"
                raise Failure(expected, self.told(error), _hint(error))
        return [outcome["value"] for outcome in answer.values]

    def cases(self, question: str) -> tuple[tuple[Any, ...], ...]:
        """The arguments of the calls that a question with many calls makes."""
        asked = self.questions[question]
        if not isinstance(asked, Calls):
            raise UsageError(f"«{question}» of {self.task} is no question with many calls")
        return asked.cases

    def words(self, question: str, case: int | None = None) -> str:
        """How the call is written that the question makes; with a number, one of many calls."""
        if case is None:
            return self._call(question)
        return f"{self._name(question)}({', '.join(map(repr, self.cases(question)[case]))})"

    def array(self, question: str) -> np.ndarray:
        """The one array that the answer is."""
        answer = self._of_kind(question, "array", "an array")
        arrays = list(answer.arrays().values())
        if len(arrays) != 1:
            found = f"an object of type {answer.type} that holds {len(arrays)} arrays"
            raise Failure(f"an array from {self._call(question)}", found)
        return arrays[0]

    def architecture(self, question: str, diagnose: Diagnosis | None = None) -> Architecture:
        """The architecture of the model that the answer is."""
        answer = self._of_kind(question, "model", "a Keras model", diagnose)
        architecture: Architecture = self.once(
            "architecture", question, lambda: proven(answer.config())
        )
        return self.looking_at(architecture)

    def looking_at(self, architecture: Architecture) -> Architecture:
        """The architecture, which is now the one that a failure's picture shows."""
        self.seen.append(architecture)
        return architecture

    def arrays(self, question: str, diagnose: Diagnosis | None = None) -> dict[str, np.ndarray]:
        """The arrays that the answer is, by name; of a model those that its layers have."""
        answer = self.answer(question, diagnose)
        if answer.outcome != "model":
            return answer.arrays()
        # no check that asks for arrays alone has to show a picture of the model
        seen = replace(self, seen=[])
        found: dict[str, np.ndarray] = self.once(
            "arrays",
            question,
            lambda: arrays_inside(seen.architecture(question), answer.weights()),
        )
        return found

    def model(self, question: str, diagnose: Diagnosis | None = None) -> Any:
        """The model that the answer is, rebuilt out of Keras' own classes;
        the check looks at its architecture.
        """
        from autograder.architecture.rebuild import rebuild

        expect_computable(self.architecture(question, diagnose))
        answer = self.outcome(question)
        with_weights = getattr(self.questions[question], "weights", False)
        return self.once(
            "model",
            question,
            lambda: rebuild(answer.config(), answer.weights() if with_weights else None),
        )

    def once(self, what: str, question: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, worked out once for all checks."""
        key = (what, f"{self.task}/{question}")
        if key not in self.cache:
            self.cache[key] = make()
        return self.cache[key]

    def _of_kind(
        self, question: str, kind: str, wanted: str, diagnose: Diagnosis | None = None
    ) -> Answer:
        answer = self.answer(question, diagnose)
        if answer.outcome != kind:
            named = "as" if isinstance(self.questions[question], Variable) else "from"
            found, expected = _kind(answer.type, named), f"{wanted} {named} {self._call(question)}"
            if named == "as" and (why := self.stopped()):  # before the variable got its last value
                found = f"{why}; {self._name(question)} is {found}"
                raise Failure(expected, found, self.hint_where_stopped())
            raise Failure(expected, found)
        return answer

    def _reason(self, question: str, answer: Answer, diagnose: Diagnosis | None) -> Failure:
        self._blame(answer)
        call = self._call(question)
        if answer.error is not None and self._stub(answer.error):
            name = self._name(question)
            be = "are" if " and " in name else "is"
            return Failure(f"an answer from {call}", f"{name} {be} still to be written")
        if answer.error is not None:
            return Failure(
                f"an answer from {call}",
                f"{self._raiser(question, answer.error)} raised {self.told(answer.error)}",
                _hint(answer.error),
                mistake=diagnose(answer.error) if diagnose else None,
            )
        text = _UNANSWERED.get(answer.outcome, "{call} gave no answer ({detail})")
        found = text.format(call=call, detail=answer.detail)
        if (section := self._section(self.task)) and section.status != "done":
            stopped = self._stopped(section)
            found = f"{stopped}; {found}" if answer.outcome == "missing" else stopped
            return Failure(f"an answer from {call}", found, self.hint_where_stopped())
        before = self._before(None) if answer.outcome == "missing" else ""
        return Failure(f"an answer from {call}", found + before)

    def _blame(self, answer: Answer) -> None:
        """Raise Blocked where an earlier task, not this one,
        is the reason that there is no answer.
        """
        for need in self.needs:
            section = self._section(need)
            if section is not None and section.status != "done":
                raise Blocked(need, f"there {self._stopped(section)}")
        own = self._section(self.task)
        error = answer.error or (
            own.error if own is not None and answer.outcome == "missing" else None
        )
        if error is not None:
            self._blame_error(error)
        if answer.outcome == "missing" and (giver := self._giver(answer.detail)):
            raise Blocked(giver, answer.detail)

    def _blame_error(self, error: CellError) -> None:
        named = [task for task in self._tasks() if re.search(rf"\b{task}\b", error.message)]
        unwritten = error.type == "NotImplementedError" and named and named != [self.task]
        if unwritten or (error.through and error.through[-1] != self.task):
            by = named[0] if unwritten else error.through[-1]
            raise Blocked(by, self.told(error))
        if error.type == "NameError" and (giver := self._giver(error.message)):
            raise Blocked(giver, self.told(error))

    def told(self, error: CellError) -> str:
        """An error as `told` says it, with what is behind it: a library that is not there, or names
        that are missing since the notebook's start stopped.
        """
        if name := lacking(error):
            return f"{error.type}: {not_there(name, self.run.libraries)}"
        if error.type == "ImportError" and _TO_INSTALL.search(error.message):
            return f"{told(error)} (it is not there where notebooks are graded)"
        return told(error) + (self._before(error) if error.type == "NameError" else "")

    def hint_where_stopped(self) -> str:
        """What to do first about a section that ended before its last cell did."""
        section = self._section(self.task)
        error = section.error if section else None
        if error and error.type == "SyntaxError" and not error.through:
            return f"{RUN_IT_FIRST} {READ_BY.format(*sys.version_info)}"
        return (error and _hint(error)) or RUN_IT_FIRST

    def _stopped(self, section: SectionRun) -> str:
        error = self.told(section.error) if section.error else "an error"
        if section.error and section.error.type in _UNREADABLE and not section.error.through:
            return f"your cell could not start: {error}"
        return _STOPPED[section.status].format(seconds=section.seconds, error=error)

    def _before(self, error: CellError | None) -> str:
        """The error that stopped the notebook's start, or the task's section, before this one came:
        a name may be missing because of it.
        """
        section = self._section(self.task)
        stops = {
            "a cell at the start of the notebook": self.run.start,
            "your cell": section.error if section else None,
        }
        for who, earlier in stops.items():
            if earlier is not None:
                same = earlier == error
                return "" if same else f"; before that, {who} stopped with {self.told(earlier)}"
        return ""

    def _giver(self, message: str) -> str | None:
        """The earlier task that is asked for the name which a message says is not defined."""
        missing, tasks = _MISSING.search(message), self._tasks()
        for task in itertools.takewhile(lambda task: task != self.task, tasks if missing else ()):
            asked = (names_asked(to_data(one)) for one in self.asked.get(task, {}).values())
            if missing and any(missing[1] in (names or ()) for names in asked):
                return task
        return None

    def _stub(self, error: CellError) -> bool:
        return error.type == "NotImplementedError" and self.task in error.message

    def _tasks(self) -> Sequence[str]:
        return [section.task for section in self.run.sections]

    def _section(self, task: str) -> SectionRun | None:
        return next((section for section in self.run.sections if section.task == task), None)

    def _raiser(self, question: str, error: CellError) -> str:
        """What raised an error: the call, or what a snippet did with what its functions returned,
        where none of the student's lines was at work.
        """
        call, asked = self._call(question), self.questions[question]
        if not isinstance(asked, Snippet):
            return call
        refuses = error.message.partition("()")[0]  # wrong arguments, before its first line
        if error.through or refuses in call.split(" and "):
            return refuses if refuses in call.split(" and ") else call.replace(" and ", " or ")
        step = "training with" if re.search(r"(?<!\w)fit\(", asked.code) else "using"
        return f"{step} what {call} gave"

    def _name(self, question: str) -> str:
        asked = self.questions[question]
        if isinstance(asked, Call | Calls):
            return asked.function
        if isinstance(asked, Variable):
            return asked.name
        code = _BY_KEY.sub(lambda key: f"notebook.{asked.given[key[1]]}", asked.code)
        used = dict.fromkeys(re.findall(r"\bnotebook(?:\.|\[\")(\w+)", code))
        return " and ".join(used) or "the answer"

    def _call(self, question: str) -> str:
        asked = self.questions[question]
        if not isinstance(asked, Call):
            return self._name(question)
        words = [_word(value) for value in asked.args]
        words += [f"{name}={_word(value)}" for name, value in asked.kwargs.items()]
        return f"{asked.function}({', '.join(words)})"


def told(error: CellError) -> str:
    """An error in one or two lines: what Python said, and our explanation where there is one."""
    message = _shortened(unwrapped(error).message)
    return "\n".join(filter(None, [f"{error.type}: {message}", error.explanation]))


def unwrapped(error: CellError) -> CellError:
    """The error without what Keras says around one that comes out of a layer's call: guesses before
    it, and after it all arguments with their shapes. Places in a cell are its lines.
    """
    message = _RECEIVED.sub("", _AROUND.sub("", error.message))
    return replace(error, message=_CELL_LINE.sub(_line_of_cell, message))


def _line_of_cell(place: re.Match[str]) -> str:
    return f"(line {place[1]} of the cell)" if place[1] else f"line {place[2]} of the cell"


def _hint(error: CellError) -> str:
    """What an error alone is enough to say."""
    return ONLY_THESE if lacking(error) else ""


def _shortened(message: str, limit: int = 240) -> str:
    line = " ".join(message.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _word(value: Any) -> str:
    if isinstance(value, Symbolic):
        return f"a tensor of shape {value.shape}"
    if isinstance(value, Random):
        return f"an array of shape {value.shape}"
    if isinstance(value, Network):
        return f"the model «{json.loads(value.config)['config']['name']}»"
    return value.name if isinstance(value, Notebook) else repr(value)


def _kind(cls: str, named: str) -> str:
    if cls in {"", "NoneType"}:
        return "None" if named == "as" else "None: is the `return` missing?"
    return f"an object of type {cls}"
