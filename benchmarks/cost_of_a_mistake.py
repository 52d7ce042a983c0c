"""What a single mistake costs of its task, over the bank.

    autograder verify --json verified.json
    python benchmarks/cost_of_a_mistake.py [verified.json …] [--bank DIR] [--write]

Counted is a recipe in a task whose cell it replaces and for which it names one misconception, the
other cells being the reference's: one mistake, or one in each of several tasks, in an answer that
is right otherwise. Left out is what has no other part that could be right (WHOLE, with the reason),
what names no misconception (nothing is handed in: a renamed function, a syntax error, a forgotten
return), what waits for a person, and what a mistake costs in later tasks.

Where a result is missing, the middle of the range that the recipe states stands for it. Prints the
table and what costs more than half; with --write it also goes into docs/instructor.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from autograder.course import own_course
from autograder.proofs.bank import Recipe, read_bank

OWN = own_course()
PAGE = Path(__file__).parent.parent / "docs" / "instructor.md"
START, END = "<!-- benchmarks/cost_of_a_mistake.py: begin -->\n", "<!-- end -->\n"
NOT_TRAINED = "nothing was trained, so nothing was learnt"
LEARNT_NOTHING = "trained on what teaches nothing: to have learnt is the task"
WRAPPED = "what computes is the Sequential that the notebook gives"
WHOLE: Mapping[str, str] = {
    "audit/all_alike": "no number is computed from the samples",
    "resampling/all_alike": "no number is computed from the latent space",
    "fair_model/fair_untrained": NOT_TRAINED,
    "fair_model/fair_labels_shuffled": LEARNT_NOTHING,
    "fair_model/fair_never_seen_by_day": "the frequent group is most of what is asked for",
    "fair_model/fair_without_a_remedy": "the remedy is the task",
    "localizer/label_only": "one of two outputs and all that belongs to it is missing",
    "mini_xception/networks_of_one_dense_layer": "no block, no convolution",
    "residual_network/networks_of_one_dense_layer": "no block, no convolution",
    "sequential_to_functional/still_a_sequential_and_two_encoders_built": WRAPPED,
    "sequential_to_functional/model_around_a_sequential_and_last_layer_for_each_side": WRAPPED,
    "sequential_to_functional/sequential_hidden_in_a_layer_and_two_layers_compared": WRAPPED,
    "sequential_to_functional/tensors_of_a_sequential_and_embedding_without_dense": WRAPPED,
    "siamese/scaled_to_minus_one_and_left_twice": "one image is read: nothing to compare",
    "train_classifier/classifier_linear_on_pixels": "a dense layer on pixels is no such network",
    "train_classifier/classifier_of_three_steps": NOT_TRAINED,
    "train_classifier/classifier_with_shuffled_labels": LEARNT_NOTHING,
    "train_classifier/untrained_classifier": NOT_TRAINED,
    "train_localizer/flipped_without_its_box": NOT_TRAINED,
    "train_localizer/never_trained": NOT_TRAINED,
    "train_localizer/the_same_box_for_every_image": NOT_TRAINED,
    "extract_features/features_all_zero": "no feature is computed",
    "feature_classifier/feature_classifier_never_fitted": NOT_TRAINED,
    "feature_classifier/labels_in_another_order": LEARNT_NOTHING,
    "fine_tuned/fine_tuned_from_scratch": "there is no backbone in it",
    "unfreeze_top/flag_of_the_base_does_nothing": "two functions are wrong, and nothing trains",
}
"""By task and recipe: the mistake is the whole task, and why."""


class Cost(NamedTuple):
    """What a mistake takes of its task."""

    assignment: str
    task: str
    recipe: str
    lost: float

    @property
    def whole(self) -> bool:
        """Whether nothing else of the task could be right."""
        return f"{self.task}/{self.recipe}" in WHOLE


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", nargs="*", type=Path, help="of `autograder verify --json`")
    parser.add_argument("--bank", type=Path, default=OWN.bank)
    parser.add_argument("--write", action="store_true", help="into docs/instructor.md")
    wish = parser.parse_args(arguments)
    shares: dict[tuple[str, str], Mapping[str, float]] = {}
    for path in wish.results:
        for assignment, outcomes in json.loads(path.read_text(encoding="utf-8")).items():
            shares |= {(assignment, one["name"]): one["shares"] for one in outcomes}
    found = [
        cost
        for assignment in OWN.assignments()
        for recipe in read_bank(wish.bank, assignment)
        for cost in costs(recipe, shares.get((assignment, recipe.name), {}))
    ]
    text = "\n".join([*table(found), "", *above_half(found), ""])
    print(text)
    if wish.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        PAGE.write_text(f"{before}{START}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0


def costs(recipe: Recipe, shares: Mapping[str, float]) -> Iterator[Cost]:
    """What the mistakes of a recipe cost, each in its own task."""
    plain = recipe.base == "reference" and recipe.allowed_status == ("graded",)
    for task in recipe.misconception if plain else ():
        if task in recipe.cells:
            middle = statistics.mean(recipe.score.get(task, (1.0, 1.0)))
            yield Cost(recipe.assignment, task, recipe.name, 1 - shares.get(task, middle))


def table(found: list[Cost]) -> Iterator[str]:
    """A row for each task."""
    yield "| task | mistakes | median | worst | which | more than half |"
    yield "| --- | ---: | ---: | ---: | --- | ---: |"
    for place in dict.fromkeys((cost.assignment, cost.task) for cost in found):
        own = [cost for cost in found if cost[:2] == place and not cost.whole]
        if own:
            worst, lost = max(own, key=lambda cost: cost.lost), [cost.lost for cost in own]
            yield (
                f"| {place[0]}: `{place[1]}` | {len(own)} | {statistics.median(lost):.0%}"
                f" | {worst.lost:.0%} | `{worst.recipe}` | {sum(map(is_large, lost))} |"
            )


def is_large(lost: float) -> bool:
    """Whether more than half is lost, but for rounding."""
    return lost > 0.505


def above_half(found: list[Cost]) -> Iterator[str]:
    """What costs more than half; of what is the whole task, why."""
    for cost in found:
        if is_large(cost.lost):
            why = WHOLE.get(f"{cost.task}/{cost.recipe}", "")
            said = f" (the whole task: {why})" if why else ""
            yield f"- `{cost.task}`, `{cost.recipe}`: {cost.lost:.0%}{said}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
