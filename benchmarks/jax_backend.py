"""The bank on JAX beside TensorFlow: what `autograder verify` finds on either.

    python benchmarks/jax_backend.py FOLDER [ASSIGNMENT ...] [--sample N] [--jobs N]

FOLDER gets a copy of our course for each, where the runs are kept: the same call goes on where it
was stopped. Prints the table, and each task whose share differs; «TensorFlow's own» are recipes
that call TensorFlow by name, or `.numpy()`. Exit status 1 if another one differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from compare_verifications import different_names, different_scores
from verified import Results, Way, sample

from autograder.course import own_course

WAYS = ("tensorflow", "jax")
# the first is Keras' old augmentation, which TensorFlow's tensors come out of
_OWN = re.compile(r"\bImageDataGenerator\b|\btensorflow\b|\btf\.|\.numpy\(\)|\bGradientTape\b")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--sample", type=int, default=10_000, help="recipes for each assignment")
    parser.add_argument("--jobs", type=int, default=2)
    wish = parser.parse_args(arguments)
    course, folder = own_course(), wish.folder.resolve()
    names = wish.assignments or course.assignments()
    recipes = list(course.bank.glob("*/*.py"))
    bank = sample(folder / "bank", names, recipes, wish.sample)
    on, other = (
        Way(folder / backend, f'backend = "{backend}"').verify(bank, names, wish.jobs)
        for backend in WAYS
    )
    for name in names:
        print(f"{name}: {told(name, on)} on TensorFlow, {told(name, other)} on JAX")
    own = {
        f"{one.parent.name}/{one.stem}" for one in recipes if _OWN.search(one.read_text("utf-8"))
    }
    scores = list(different_scores(on, other))
    for name, task, was, now in scores:
        mark = " (TensorFlow's own)" if name in own else ""
        print(f"{name}, {task}: {was} on TensorFlow, {now} on JAX{mark}")
    for name, task, was, now in different_names(on, other):
        print(f"{name}, {task}: names {was} on TensorFlow, {now} on JAX")
    return int(any(name not in own for name, *_ in scores))


def told(assignment: str, results: Results) -> str:
    """How many are as expected, and how long they took."""
    there = [one for name, one in results.items() if name.startswith(f"{assignment}/")]
    right, seconds = sum(not one["deviations"] for one in there), sum(o["seconds"] for o in there)
    return f"{right} of {len(there)} as expected in {seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
