"""One case of a check: a question, the answer to it, and claims about the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.answers.questions import Call, Question, Snippet
from autograder.architecture import Architecture, Mismatch, expect, match
from autograder.errors import UsageError
from autograder.judge.answers import Answers
from autograder.judge.expectations import Failure
from autograder.records import CellError

Mistake = str | None | Callable[["Case"], str | None]


@dataclass(frozen=True, eq=False)
class Case:
    """A question that a check is about; `diagnose` is the grader file's, for errors."""

    answers: Answers
    name: str
    diagnose: Callable[[CellError, Case], str | None] | None = None

    @property
    def asked(self) -> Question:
        """The question itself."""
        return self.answers.questions[self.name]

    @property
    def args(self) -> tuple[Any, ...]:
        """The positional arguments of the call that the question makes."""
        return self._call.args

    @property
    def kwargs(self) -> dict[str, Any]:
        """The arguments that the call gives by name."""
        return self._call.kwargs

    @property
    def given(self) -> dict[str, Any]:
        """What the snippet is given that the question is."""
        if not isinstance(self.asked, Snippet):
            raise UsageError(f"«{self.name}» is no snippet")
        return self.asked.given

    @property
    def words(self) -> str:
        """How the call is written that the question makes."""
        return self.answers.words(self.name)

    @property
    def architecture(self) -> Architecture:
        """The architecture of the model that the answer is."""
        return self.answers.architecture(self.name, self._diagnosis)

    @property
    def model(self) -> Any:
        """The model that the answer is, rebuilt."""
        return self.answers.model(self.name, self._diagnosis)

    @property
    def value(self) -> Any:
        """The plain value that the answer is."""
        self.answers.answer(self.name, self._diagnosis)
        return self.answers.value(self.name)

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays that the answer is, by name."""
        return self.answers.arrays(self.name, self._diagnosis)

    def says(self, expression: str) -> bool:
        """Whether the model is as a branch expression says."""
        return match(expression, self.architecture).ok

    def expect(self, expression: str, mistake: Mistake = None) -> None:
        """Fail unless the model is as a branch expression says; `mistake`: the misconception behind
        it, or what finds that out from this case.

        Raises:
            Failure: it is not; place and what is missing are the mismatch's.
        """
        try:
            expect(expression, self.architecture)
        except Mismatch as found:
            known = self.named(mistake)
            wanted = f"{found.expected} from {self.words}" if self._is_call else found.expected
            raise Failure(wanted, found.found, "", known, found.place, found.missing) from None

    def remark(self, text: str) -> None:
        """Say something that takes no points: it stands beside the check if that passes."""
        self.answers.remarks.append(text)

    def named(self, mistake: Mistake) -> str | None:
        """The id of a misconception that a grader names, or finds out from this case."""
        return mistake(self) if callable(mistake) else mistake

    @property
    def _is_call(self) -> bool:
        return isinstance(self.asked, Call)

    @property
    def _call(self) -> Call:
        if not isinstance(self.asked, Call):
            raise UsageError(f"«{self.name}» asks for no call of a function")
        return self.asked

    def _diagnosis(self, error: CellError) -> str | None:
        return self.diagnose(error, self) if self.diagnose is not None else None
