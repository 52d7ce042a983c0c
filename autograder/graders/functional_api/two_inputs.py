"""two_inputs: an image and its metadata, each processed by itself, concatenated as vectors."""

from __future__ import annotations

import numpy as np

from autograder.answers.questions import Call, Question, Random, Snippet
from autograder.architecture import Architecture, Node
from autograder.architecture.facts import heads
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.parameters import count_parameters
from autograder.architecture.reach import inputs_reaching
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import at, names, shown, structure
from autograder.records import CellError

from ._ends import adds_up_to_one, expect_named_inputs, names_of_inputs, probabilities

CAP = 200_000
CASES = ("default", "other")
STEP = """
import keras
import numpy as np

model = notebook["build_two_input"](*given["args"])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy")


def arrays():
    return [np.array(keras.ops.convert_to_numpy(weight)) for weight in model.trainable_weights]


before = arrays()
data = {"image": given["image"], "metadata": given["metadata"]}
history = model.fit(data, given["labels"], batch_size=16, epochs=1, verbose=0)
moved = [not np.array_equal(old, new) for old, new in zip(before, arrays())]
answer = {"loss": float(history.history["loss"][-1]), "moved": sum(moved)}
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 8 * rng.choice(range(4, 9), 2, replace=False))
    shape = (side, across, int(rng.choice([1, 3])))
    dim = int(rng.integers(5, 12))
    classes = int(rng.integers(2, 10))
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 3)]
    given = {
        "args": (shape, dim, classes),
        "image": Random((16, *shape), seeds[0], "integers", 0, 256, "uint8"),
        "metadata": Random((16, dim), seeds[1], "uniform"),
        "labels": Random((16,), seeds[2], "integers", 0, classes, "int64"),
    }
    return {
        "default": Call("build_two_input", ((64, 64, 3), 4, 6)),
        "other": Call("build_two_input", (shape, dim, classes)),
        "names": names_of_inputs("build_two_input", shape, dim, classes),
        "step": Snippet(STEP, given),
    }


@weight(2)
def test_named_inputs(answers: Answers) -> None:
    """The inputs go by the names `image` and `metadata`."""
    answers.answer("names", mistake_in_error)
    expect_named_inputs(answers, "names", {"image", "metadata"})


@weight(2)
def test_both_inputs_count(answers: Answers) -> None:
    """Both inputs reach the output."""
    for case in CASES:
        architecture = answers.architecture(case, mistake_in_error)
        inputs = [architecture.node(number) for number in architecture.inputs]
        reached = inputs_reaching(architecture)
        idle = [node for node in inputs if node.id not in reached[architecture.outputs[0]]]
        ranks = sorted(len(node.shape or ()) for node in inputs)
        expect(
            ranks == [2, 4],
            "two inputs, an image and a vector",
            f"inputs of shape {', '.join(map(shown, inputs))}",
        )
        expect(not idle, "a way from each input to the output", f"nothing reads {names(idle)}",
               misconception="input_unused", place=at(idle))  # fmt: skip


@weight(4)
@needs("test_both_inputs_count")
def test_branches(answers: Answers) -> None:
    """Image and metadata pass layers of their own, then they are concatenated as vectors."""
    for case in CASES:
        architecture = answers.architecture(case)
        form, reached = structure(architecture).form, inputs_reaching(structure(architecture).form)
        meetings = [node for node in form.nodes if len(reached[node.id]) == 2]
        meeting = next((node for node in meetings if joins(node, form)), meetings[0])
        sides = form.parents(meeting)
        expect(
            joins(meeting, form),
            "a concatenation where the two meet",
            names([meeting]),
            misconception="summed_instead_of_concatenated"
            if meeting.kind in {"add", "mul", "average"}
            else None,
            place=at([meeting]),
        )
        maps = [node for node in sides if len(node.shape or ()) != 2]
        expect(not maps, "two vectors", f"{names(maps)} of shape {shown((*maps, meeting)[0])}",
               misconception="concatenated_as_maps", place=at([meeting]))  # fmt: skip
        learning, sees = count_parameters(architecture).layers, inputs_reaching(architecture)
        for given in map(architecture.node, architecture.inputs):
            own = [
                node
                for node in architecture.nodes
                if sees[node.id] == {given.id} and node.layer in learning
            ]
            vector = len(given.shape or ()) == 2
            expect(
                bool(own),
                f"layers of its own for «{given.name}»",
                "none before the concatenation",
                misconception="metadata_not_processed" if vector else None,
                place=at([given]),
            )


@weight(2)
@needs("test_both_inputs_count")
def test_convolutions_see_the_image_only(answers: Answers) -> None:
    """There are convolutions, and they see the image alone."""
    for case in CASES:
        form = structure(answers.architecture(case)).form
        image = next(number for number in form.inputs if len(form.node(number).shape or ()) == 4)
        convolutions = [node for node in form.nodes if node.kind in CONVOLUTIONS]
        reached = inputs_reaching(form)
        mixed = [node for node in convolutions if reached[node.id] != {image}]
        expect(
            bool(convolutions), "convolutions on the image", "none", misconception="no_convolution"
        )
        expect(
            not mixed,
            "convolutions that see the image alone",
            f"{names(mixed)} see the metadata",
            misconception="concatenated_as_maps",
            place=at(mixed),
        )


@weight(2)
def test_output(answers: Answers) -> None:
    """There is one output, a probability for each class."""
    for case in CASES:
        architecture = answers.architecture(case, mistake_in_error)
        classes = classes_of(answers, case)
        expect(len(heads(architecture)) == 1, "one output", len(heads(architecture)))
        head = heads(architecture)[0]
        expect(
            head.node.shape == (None, classes),
            f"{classes} numbers for each image",
            shown(head.node),
            misconception="dense_on_feature_map" if head.rank == 4 else None,
            place=at([head.node]),
        )
        expect(
            adds_up_to_one(probabilities(answers.model(case))),
            "numbers that add up to 1 (softmax)",
            f"others ({head.activation})",
            misconception="label_not_softmax",
            place=at([head.node]),
        )


@weight(3)
@needs("test_named_inputs")
def test_trains_from_a_dictionary(answers: Answers) -> None:
    """A step of training works with data given by name."""
    answers.answer("step", mistake_in_error)
    found = answers.value("step")
    expect(
        np.isfinite(found["loss"]) and found["moved"] > 0,
        "a finite loss, and weights that move",
        f"loss {found['loss']}, {found['moved']} arrays moved",
    )


@weight(2)
@needs("test_branches")
def test_parameter_cap(answers: Answers) -> None:
    """For images of 64×64×3, four metadata and six classes it has at most 200,000 parameters."""
    total = count_parameters(answers.architecture("default")).total
    expect(
        total <= CAP,
        f"at most {CAP:,} parameters",
        f"{total:,}",
        misconception="over_parameter_cap",
    )


def joins(node: Node, form: Architecture) -> bool:
    """Whether a node concatenates a tensor of one input with a tensor of the other."""
    reached = inputs_reaching(form)
    sides = {reached[number] for number in node.inputs if len(reached[number]) == 1}
    return (node.kind == "concat" or node.cls == "Hstack") and len(sides) == 2


def mistake_in_error(error: CellError) -> str | None:
    """The known mistake behind an error while building or training."""
    if "not connected to" in error.message:
        return "input_not_given"
    if "Missing data for input" in error.message:
        return "inputs_unnamed"
    merged = "Concatenate" in error.message and "matching shapes" in error.message
    return "concatenated_as_maps" if merged else None


def classes_of(answers: Answers, case: str) -> int:
    asked = answers.questions[case]
    assert isinstance(asked, Call)
    return int(asked.args[2])
