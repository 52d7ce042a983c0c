"""What trains, in rooms with a GPU and in rooms without one: verdicts and times.

    python benchmarks/gpu.py FOLDER [ASSIGNMENT ...] [--gpu NUMBER] [--sample N] [--jobs N]
    KERAS_BACKEND=jax python benchmarks/gpu.py …

The references, and some recipes that replace a trained task, are verified in FOLDER on the CPU and
with `[rooms] gpu = NUMBER`, judged on the CPU both times. Prints seconds and scores of each trained
task side by side. Exit status 0 if all come out as expected, 1 if not, 2 without a GPU that
TensorFlow or JAX sees in a room.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from verified import Results, Way, sample

from autograder.bench import open_bench
from autograder.course import Course, own_course
from autograder.errors import UsageError
from autograder.grading.stages import open_rooms
from autograder.proofs.bank import read_bank
from autograder.proofs.known import REFERENCE
from autograder.rooms.canaries import look_at_gpus
from autograder.rooms.cards import find_cards, missing


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--gpu", type=float, default=1.0, help="cards for each room")
    parser.add_argument("--sample", type=int, default=3, help="recipes for each assignment")
    parser.add_argument("--jobs", type=int, default=2)
    wish = parser.parse_args(arguments)
    course, folder = own_course(), wish.folder.resolve()
    try:
        print(devices(course, wish.gpu))
    except UsageError as error:
        print(f"nothing to compare with: {error}", file=sys.stderr)
        return 2
    names = wish.assignments or course.assignments()
    trained = {name: set(open_bench(course, name).hidden.calibration) for name in names}
    training = {
        recipe.path: sorted(recipe.cells.keys() & trained[name])
        for name in names
        for recipe in read_bank(course.bank, name)
    }
    paths = [path for path, tasks in training.items() if tasks]
    bank = sample(folder / "bank", names, paths, wish.sample)
    backend = os.environ.get("KERAS_BACKEND", "auto")
    ways = [
        Way(folder / f"{backend}-{label}", f'backend = "{backend}"\ngpu = {gpu}')
        for label, gpu in (("cpu", '"none"'), ("gpu", f"{wish.gpu:g}"))
    ]
    found = [way.verify(bank, names, wish.jobs) for way in ways]
    for name in names:
        for task in sorted(trained[name]):
            print(row(ways, found, f"{name}/{REFERENCE}", task))
        for path in sorted((bank / name).glob("*.py")):
            for task in training[course.bank / name / path.name]:
                print(row(ways, found, f"{name}/{path.stem}", task))
    return int(any(one["deviations"] for results in found for one in results.values()))


def devices(course: Course, gpu: float) -> str:
    """What Keras sees in a room.

    Raises:
        UsageError: nothing that it could compute on.
    """
    if not find_cards():
        raise UsageError(f"GPUs here: {missing()}")
    rooms = dataclasses.replace(course.settings.rooms, gpu=gpu)
    wanted = Course(course.root, dataclasses.replace(course.settings, rooms=rooms))
    with open_rooms(wanted, warm=False) as opened, opened.seat() as seated:
        computing, device = look_at_gpus(seated), seated.device
    if not computing.seen or computing.trouble:
        raise UsageError(f"{device} is not seen in a room: {computing.trouble}")
    return f"{device}, in a room {', '.join(computing.seen)}"


def row(ways: Sequence[Way], found: Sequence[Results], name: str, task: str) -> str:
    """Of either way: device, seconds of the task's cells, share of its points."""
    words = [f"{name} {task}"]
    for way, results in zip(ways, found, strict=True):
        run, share = way.run_of(name), results[name]["shares"].get(task)
        seconds = next(one.seconds for one in run.sections if one.task == task)
        words.append(f"{run.device}: {seconds:.1f} s, {share}")
    return "  ".join(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
