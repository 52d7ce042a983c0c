"""One line on a shape error: which two layers disagree,
with which shapes, and which side must change.

Keras' own message names no layer. The tensors that were being merged are still in the frames of the
traceback, and each of them knows the layers that it came through.
"""

from __future__ import annotations

import dis
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from .graph import Call, history, is_symbolic, maker, tensors
from .saved import explain_old_model

_ARGUMENTS = ("args", "kwargs", "x1", "x2", "xs", "self", "other", "inputs")
_LIBRARIES = {"keras", "tensorflow", "jax", "torch", *sys.stdlib_module_names}
_EXPLAINED = (AttributeError, NotImplementedError, TypeError, ValueError)
_OPS = "keras.src.ops"
_AXES = ("height", "width", "channels")
_VERBS = {"concat": "concatenated", "add": "added", "sub": "subtracted", "mul": "multiplied"}


def explain_error(exc: BaseException) -> str | None:
    """The line for an error of Keras', whether a model was being built or loaded; None if there is
    nothing to add.
    """
    return explain_shape_error(exc) or explain_old_model(exc)


def explain_shape_error(exc: BaseException) -> str | None:
    """The line for an error that Keras raised while a model was being built;
    None if there is nothing to add, or if the code that calls Keras raised it itself.
    """
    found = None if _raised_outside(exc) else _attempt(exc)
    if found is None:
        return None
    if found.made and (line := _among_the_settings(found)):
        return line
    if isinstance(exc, TypeError):
        return _too_many_arguments(found) if found.merges else None
    if not isinstance(exc, ValueError):
        return None
    if len(found.makers) > 1:
        return _disagreement(found) if found.merges else None
    return _wrong_rank(found, str(exc)) if found.makers else None


def show_error(exc: BaseException) -> None:
    """Print the line, if there is one, and then what Keras says:
    for errors that belong to the lesson.
    """
    line = explain_error(exc)
    if line:
        print(f"➜ {line}")
    print(f"{type(exc).__name__}: {exc}")


def install() -> None:
    """In a notebook, put the line above the traceback of every uncaught error that has one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.set_custom_exc(_EXPLAINED, _show_traceback)


def _show_traceback(
    shell: Any, kind: type[BaseException], exc: BaseException, tb: Any, tb_offset: Any = None
) -> None:
    line = explain_error(exc)
    if line:
        print(f"➜ {line}\n", file=sys.stderr, flush=True)
    shell.showtraceback((kind, exc, tb), tb_offset=tb_offset)


@dataclass(frozen=True)
class _Attempt:
    """What Keras was asked to do when it gave up."""

    operation: Any  # the layer or operation; None for a function such as keras.ops.add
    word: str  # how it is called in the code, e.g. Add
    makers: tuple[Call, ...]  # where the tensors come from that it was given
    made: bool  # whether it was being made, and not called

    @property
    def merges(self) -> bool:
        """Whether it is one of Keras' own merges: a layer, an operation, or a function."""
        module = type(self.operation).__module__
        return self.operation is None or module.startswith(("keras.src.layers.merging", _OPS))


def _raised_outside(exc: BaseException) -> bool:
    """Whether a `raise` outside of Keras and what it calls raised it, such as a student's own."""
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or _package(last.tb_frame) in _LIBRARIES:
        return False
    return last.tb_frame.f_code.co_code[last.tb_lasti] == dis.opmap["RAISE_VARARGS"]


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).split(".")[0]


def _attempt(exc: BaseException) -> _Attempt | None:
    """The outermost call into Keras with symbolic tensors among its arguments."""
    for frame, _ in traceback.walk_tb(exc.__traceback__):
        if _package(frame) != "keras":
            continue
        values = [frame.f_locals[name] for name in _ARGUMENTS if name in frame.f_locals]
        given = list(tensors(values)) or list(_other_tensors(frame))
        if given:
            operation = next(_operations(values), None)
            word = (
                type(operation).__name__
                if operation is not None
                else frame.f_code.co_name.strip("_")
            )
            made = frame.f_code.co_name in {"__init__", "__new__"}
            return _Attempt(operation, word, tuple(map(maker, given)), made)
    return None


def _other_tensors(frame: FrameType) -> Iterator[Any]:
    """A tensor in any other argument, as in Conv2D(32, 3, x)."""
    for name in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
        if is_symbolic(frame.f_locals.get(name)):
            yield frame.f_locals[name]


def _operations(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        for item in value if isinstance(value, tuple) else (value,):
            if hasattr(item, "_inbound_nodes") and not is_symbolic(item):
                yield item


def _disagreement(found: _Attempt) -> str | None:
    """Several tensors that should agree in all axes (Add)
    or in all but one (Concatenate) and don't.
    """
    merged = next((verb for part, verb in _VERBS.items() if part in found.word.lower()), "merged")
    free = _free_axis(found, merged)
    left, right = _odd_pair(found.makers, free)
    if left.shape == right.shape:
        return None
    if merged == "added" and len({call.shape for call in found.makers}) > 2:
        every = ", ".join(map(_named, found.makers))
        return f"{found.word}: {every} can't be added: all must be of one size."
    both = f"{found.word}: {_named(left)} and {_named(right)} can't be {merged}"
    if len(left.shape) != len(right.shape):
        flat, grid = sorted((left, right), key=lambda call: len(call.shape))
        return (
            f"{both}: one is a feature map, the other is not; "
            f"make a vector of «{grid.name}», by pooling or flattening, or a map of «{flat.name}»."
        )
    sizes = enumerate(zip(left.shape, right.shape, strict=True))
    axes = [axis for axis, (one, other) in sizes if one != other and axis != free]
    where = _words(axes, len(left.shape))
    if free is not None and (len(left.shape), free) in {(3, 0), (3, 1)}:
        return (
            f"{both} over {_AXES[free]}: there all else must agree, and they differ in {where}. "
            "The last axis is the channels."
        )
    return f"{both}: they differ in {where}. {_what_must_change(left, right, axes, merged)}"


def _free_axis(found: _Attempt, merged: str) -> int | None:
    """The axis over which tensors are concatenated, the batch left out;
    None where all axes must agree.
    """
    if merged != "concatenated":
        return None
    rank = len(found.makers[0].shape)
    axis = getattr(found.operation, "axis", -1)
    return int(axis) - 1 if axis > 0 else rank + int(axis)


def _odd_pair(makers: Sequence[Call], free: int | None) -> tuple[Call, Call]:
    """Two that disagree: one of the majority, and the first that is not of it."""

    def grid(call: Call) -> tuple[int | None, ...]:
        return tuple(size for axis, size in enumerate(call.shape) if axis != free)

    usual = Counter(map(grid, makers)).most_common(1)[0][0]
    one = next(call for call in makers if grid(call) == usual)
    other = next((call for call in makers if grid(call) != usual), one)
    return one, other


def _what_must_change(left: Call, right: Call, axes: Sequence[int], merged: str) -> str:
    """The side that loses pixels by rounding or missing padding; else, unless they are of two
    levels, the shortcut, the side with less work in it.
    """
    ways = _ways(left, right)
    shortcut, body = sorted((left, right), key=lambda side: len(ways[side.name]))
    what = "the shortcut" if merged == "added" else "the shorter way"
    pixels_differ = any(axis < len(left.shape) - 1 for axis in axes)
    loss = next(_losses(left, right, ways), None) if pixels_differ else None
    if loss is None:
        if pixels_differ and merged == "concatenated" and any(map(_rises, ways[body.name])):
            return f"They are of two levels: is «{shortcut.name}» the one that belongs here?"
        if pixels_differ and (shortcut.shape[0] or 0) < (body.shape[0] or 0):
            return (
                f"«{shortcut.name}» is {what} and has fewer pixels than «{body.name}»: "
                "one of the two must move in other steps."
            )
        return (
            f"«{shortcut.name}» is {what}: it must become {_size(_target(shortcut, body, axes))}."
        )
    side, other, lost = loss
    # more than padding alone could have done
    strided = (other.shape[0] or 0) >= 1.5 * (side.shape[0] or 1)
    if side is body and merged == "added" and strided:
        return (
            f"«{shortcut.name}» is {what}: it must follow the body's strides and channels. "
            f"And in the body {lost}."
        )
    return f"«{side.name}» must become {_size(_target(side, other, axes))}: {lost}."


def _ways(left: Call, right: Call) -> dict[str, list[Call]]:
    """The calls that one side came through and the other did not, by the side's name."""
    before_left, before_right = history([left]), history([right])
    common = {id(call.node) for call in before_left} & {id(call.node) for call in before_right}
    return {
        side.name: [call for call in before if id(call.node) not in common]
        for side, before in ((left, before_left), (right, before_right))
    }


def _losses(
    left: Call, right: Call, ways: Mapping[str, list[Call]]
) -> Iterator[tuple[Call, Call, str]]:
    """A side, the other one, and how a layer on the way to it lost pixels, the left side first."""
    for side, other in ((left, right), (right, left)):
        found = [lost for call in ways[side.name] if (lost := _lost(call, side, other))]
        more = f", and {len(found) - 1} more of the kind" if found[1:] else ""
        for lost in found[:1]:
            yield side, other, lost + more


def _target(side: Call, other: Call, axes: Sequence[int]) -> tuple[int | None, ...]:
    return tuple(
        other.shape[axis] if axis in axes else size for axis, size in enumerate(side.shape)
    )


def _lost(call: Call, side: Call, other: Call) -> str | None:
    """How a layer lost pixels that padding="same" would have kept,
    or made steps where the other side made none.
    """
    if call.setting("padding") != "valid" or not call.inputs or len(call.shape) != 3:
        return None
    before, after, step = call.inputs[0].shape, call.shape, _step(call)
    if (
        not isinstance(before[0], int)
        or not isinstance(after[0], int)
        or after[0] >= -(-before[0] // step)
    ):
        return None
    change = f"({_size(before[:2])} → {_size(after[:2])})"
    if step > 1 and (before[:2], after[:2]) == (other.shape[:2], side.shape[:2]):
        return f"«{call.name}» moves in steps of {step} {change}"
    how = "rounds down" if step > 1 else f"eats {before[0] - after[0]} pixels"
    return f"«{call.name}» has padding='valid' and {how} {change}"


def _rises(call: Call) -> bool:
    """Whether a layer gives a larger map than it is given."""
    sizes = [call.shape[0], *(one.shape[0] for one in call.inputs[:1] if len(one.shape) == 3)]
    after, *before = [size for size in sizes if isinstance(size, int)] or [0]
    return len(call.shape) == 3 and any(after > size for size in before)


def _step(call: Call) -> int:
    """How far a layer's window moves down."""
    strides = call.setting("strides", 1)
    step: int = strides[0] if isinstance(strides, tuple | list) else strides
    return step


def _wrong_rank(found: _Attempt, message: str) -> str | None:
    """One tensor of a rank, or a size, that the layer can't take."""
    before = found.makers[0]
    layer = f"{found.word} «{getattr(found.operation, 'name', found.word)}»"
    if "zero or negative" in message:
        eaten = [call.name for call in history([before]) if _lost(call, before, before)]
        why = (
            f"{len(eaten)} layers before it lose pixels, having padding='valid'"
            if len(eaten) > 1
            else "it has been made smaller too often before"
        )
        return f"{layer}: {_named(before)} is smaller than the window; {why}."
    if "ndim=" not in message:
        return None
    if len(before.shape) < 3 and before.inputs:
        needs = "a feature map (height, width, channels)" if "ndim=4" in message else "more axes"
        return (
            f"{layer} needs {needs}, and {_named(before)} has lost them: "
            f"it must stand before «{before.name}»."
        )
    return f"{layer} can't read {_named(before)}: it has {len(before.shape)} axes beside the batch."


def _too_many_arguments(found: _Attempt) -> str | None:
    if len(found.makers) < 2:
        return None
    names = ", ".join(f"«{call.name}»" for call in found.makers)
    return f"{found.word} takes one list: {names} belong together in square brackets."


def _among_the_settings(found: _Attempt) -> str | None:
    """A tensor given to a layer of Keras' own that is being made: there it is never right, whatever
    Keras makes of it.
    """
    module = type(found.operation).__module__
    if not module.startswith("keras.src.layers") or module.endswith(".input_layer"):
        return None
    return (
        f"«{found.makers[0].name}» stands among the settings of {found.word}: "
        "a layer is called twice, first with its settings, then with the tensor."
    )


def _named(call: Call) -> str:
    return f"«{call.name}» ({_size(call.shape)})"


def _size(shape: Sequence[int | None]) -> str:
    return "×".join("?" if size is None else str(size) for size in shape)


def _words(axes: Sequence[int], rank: int) -> str:
    names = [_AXES[axis] if rank == 3 else f"axis {axis + 1}" for axis in axes]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
