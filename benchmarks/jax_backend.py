"""The bank on JAX beside TensorFlow: what `autograder verify` finds on either.

    python benchmarks/jax_backend.py FOLDER [ASSIGNMENT ...] [--sample N] [--jobs N]

FOLDER gets a copy of our course for each, where the runs are kept: the same call goes on where it
was stopped. Prints the table; each task whose share differs (of what trains it may, within what the
recipe says); and what is as its recipe says on TensorFlow and not on JAX, with the reason where one
is known: it calls TensorFlow by name, or JAX does otherwise what it shows. Exit status 1 if one has
none.
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
OTHERWISE = {
    "transfer_learning/flag_of_the_base_does_nothing": "on JAX the flag unfreezes",
    "transfer_learning/forgot_to_recompile": "JAX stops where TensorFlow trains on as before",
    "transfer_learning/optimizer_attribute_replaced": "JAX goes on with the new optimizer",
}
_OWN = re.compile(r"\btensorflow\b|\btf\.|\.numpy\(\)|\bGradientTape\b")


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
    for name, task, was, now in different_scores(on, other):
        print(f"{name}, {task}: {was} on TensorFlow, {now} on JAX")
    for name, task, was, now in different_names(on, other):
        print(f"{name}, {task}: names {was} on TensorFlow, {now} on JAX")
    own = {
        f"{one.parent.name}/{one.stem}": "it calls TensorFlow"
        for one in recipes
        if _OWN.search(one.read_text(encoding="utf-8"))
    }
    otherwise = [
        name for name in on if len(on[name]["deviations"]) < len(other[name]["deviations"])
    ]
    for name in otherwise:
        print(f"{name}: not on JAX; {(own | OTHERWISE).get(name, 'why is not known')}")
    return int(any(name not in own | OTHERWISE for name in otherwise))


def told(assignment: str, results: Results) -> str:
    """How many are as expected, and how long they took."""
    there = [one for name, one in results.items() if name.startswith(f"{assignment}/")]
    right, seconds = sum(not one["deviations"] for one in there), sum(o["seconds"] for o in there)
    return f"{right} of {len(there)} as expected in {seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
