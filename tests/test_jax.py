"""The same course on Keras' other backend: JAX in students' rooms, or everywhere."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import Installed, install
from toy import RIGHT, hand_in, toy_course

from autograder.bench import open_bench
from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.grading.keys import run_parts, verdict_parts
from autograder.grading.stages import due, ensure_verdict
from autograder.judge.room import judge
from autograder.proofs.asked import order_of
from autograder.proofs.known import REFERENCE, known_submissions
from autograder.proofs.proof import read_proof
from autograder.records import read_run
from autograder.rooms.backend import judges_backend, students_backend
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.student import run_submission
from autograder.rooms.warm import WarmRooms, warm_rooms
from autograder.sample import lay_out

ROOT = Path(__file__).parent.parent
# Tasks of each assignment that train nothing.
UNTRAINED = {
    "functional_api": ("sequential_to_functional", "siamese"),
    "residual_networks": ("conv_arithmetic", "residual_block", "unet"),
    "transfer_learning": ("frozen_model",),
    "capstone": ("audit", "resampling"),
}


@pytest.fixture(scope="module")
def rooms() -> Iterator[WarmRooms]:
    with warm_rooms(backend="jax", hidden=[ROOT]) as rooms:
        rooms.start()
        yield rooms


# --- which backend -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "named", "backend"),
    [
        ("auto", None, "tensorflow"),
        ("auto", "jax", "jax"),
        ("jax", None, "jax"),
        ("tensorflow", "jax", "tensorflow"),
    ],
)
def test_the_course_says_what_keras_computes_with_or_else_the_environment(
    monkeypatch: pytest.MonkeyPatch, said: str, named: str | None, backend: str
) -> None:
    """KERAS_BACKEND counts where the course leaves it open; judges stay on TensorFlow."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    if named:
        monkeypatch.setenv("KERAS_BACKEND", named)
    assert students_backend(said) == backend
    assert judges_backend() == "tensorflow"


def test_a_backend_that_rooms_do_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of Keras' own default in its place."""
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(UsageError, match=r"tensorflow or jax.*'torch'"):
        students_backend()


def test_another_backend_is_another_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was run on TensorFlow does not count on JAX; how it is judged is the same."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    course = toy_course(tmp_path)
    hand_in(course, "right", RIGHT)
    ensure_verdict(open_bench(course, "toy"), "right", RoomsHere())
    with (tmp_path / "course.toml").open("a") as stream:
        stream.write('[rooms]\nbackend = "jax"\n')
    other = open_bench(find_course(tmp_path), "toy")
    before = open_bench(course, "toy")
    assert {"backend changed", "package jax changed"} <= set(due(other, "right").reasons)
    assert run_parts(other)["backend"] == "jax"
    assert verdict_parts(other) == verdict_parts(before)


# --- in rooms ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_warm_process_has_jax_and_has_not_started_it(rooms: WarmRooms, tmp_path: Path) -> None:
    """A fork of a started one would hang. TensorFlow is not even imported."""
    source = """
def f(_):
    import sys, keras, jax
    found = [keras.backend.backend(), "tensorflow" in sys.modules, str(jax.devices())]
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    history = model.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 2)), verbose=0).history
    return [*found, len(history["loss"])]
"""
    called = rooms.run_code(source, "f", None, tmp_path, Limits(), seconds=120)
    assert called.value == ["jax", False, "[CpuDevice(id=0)]", 1], called.log
    assert called.layers["warm"] == "warm"


@pytest.mark.slow
def test_a_started_jax_is_never_forked(tmp_path: Path) -> None:
    """The warm process refuses, and a cold room takes its place."""
    (tmp_path / "starts").mkdir()
    (tmp_path / "starts" / "eager_library.py").write_text("import jax\njax.devices()\n")
    (tmp_path / "room").mkdir()
    place = str(tmp_path / "starts")
    with warm_rooms(backend="jax") as eager:
        eager.student = dataclasses.replace(
            eager.student,
            modules=("eager_library",),
            path=(place,),
            readable=(*eager.student.readable, place),
        )
        called = eager.run_code(
            "def f(payload): return 5", "f", None, tmp_path / "room", Limits(), seconds=60
        )
    assert (called.value, called.layers["warm"]) == (5, "cold")


DIGEST = """
import hashlib, keras
from autograder.answers.networks import chain, images, made, network
glorot = ("a", "Conv2D", {"filters": 4, "kernel_size": 3})
he = ("b", "Dense", {"units": 5, "kernel_initializer": "he_normal"})
steps = images(8, 8), glorot, ("norm", "BatchNormalization", {}), ("f", "Flatten", {}), he
weights = made(network("net", chain(*steps), 7)).weights
digest = hashlib.sha256()
for weight in weights:
    digest.update(keras.ops.convert_to_numpy(weight).tobytes())
print(keras.backend.backend(), len(weights), digest.hexdigest())
"""


@pytest.mark.slow
def test_a_hidden_network_has_the_same_weights_on_either_backend() -> None:
    """The student's room makes it on JAX, and the judge once more on TensorFlow."""
    found = [
        subprocess.run(
            [sys.executable, "-c", DIGEST], env={**os.environ, "KERAS_BACKEND": backend},
            capture_output=True, text=True, check=True,
        ).stdout.split()
        for backend in ("tensorflow", "jax")
    ]  # fmt: skip
    assert [one[0] for one in found] == ["tensorflow", "jax"]
    assert found[0][1:] == found[1][1:]
    assert found[0][2] != hashlib.sha256().hexdigest()


@pytest.mark.slow
def test_a_submission_is_graded_on_jax_as_on_tensorflow(rooms: WarmRooms, tmp_path: Path) -> None:
    """The toy's; the run says what it was computed with, and who leans on TensorFlow is told."""
    course = toy_course(tmp_path, 'rooms = { backend = "jax" }\n')
    hand_in(course, "right", RIGHT)
    hand_in(course, "leans", RIGHT | {"triple": "import tensorflow as tf\n" + RIGHT["triple"]})
    verdicts = [ensure_verdict(open_bench(course, "toy"), one, rooms) for one in ("right", "leans")]
    assert [verdict.score for verdict in verdicts] == [10, 10]
    assert verdicts[0].remarks == ()
    assert "imports TensorFlow, and Keras computes with JAX" in " ".join(verdicts[1].remarks)
    run = read_run(course.run_dir("toy", "right") / "run.json")
    assert run.device == "JAX, CPU"


@pytest.fixture(scope="module")
def our_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("course")
    course = lay_out(find_course(ROOT), folder)
    text = (folder / "course.toml").read_text()
    (folder / "course.toml").write_text(text.replace("[rooms]", '[rooms]\nbackend = "jax"'))
    return find_course(course.root)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", UNTRAINED)
def test_references_score_full_on_jax(
    our_course: Course, rooms: WarmRooms, tmp_path: Path, assignment: str
) -> None:
    """Tasks of our own assignments that train nothing, each answered on JAX, judged as always."""
    assert our_course.settings.rooms.backend == "jax"
    proof = read_proof(our_course, assignment, our_course.bank)
    [reference] = [one.recipe for one in known_submissions(proof) if one.recipe.name == REFERENCE]
    tasks = frozenset(UNTRAINED[assignment])
    order = dataclasses.replace(order_of(reference, proof, seed=3), tasks=tasks)
    run = run_submission(order, proof.bench.desk, tmp_path, rooms, our_course.limits)
    verdict = judge(tmp_path, proof.bench, rooms)
    assert run.device == "JAX, CPU"
    assert {task.task: task.score for task in verdict.tasks if task.task in tasks} == {
        task: points for task, points in proof.bench.assignment.points.items() if task in tasks
    }


# --- without TensorFlow ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package installed where TensorFlow is not."""
    there = install(tmp_path_factory.mktemp("jax"))
    [libraries] = (there.folder / "lib").glob("python*/site-packages")
    for one in libraries.glob("tensorflow*"):
        shutil.rmtree(one)
    return there


@pytest.mark.slow
def test_all_is_done_on_jax_where_tensorflow_is_not_installed(
    without: Installed, tmp_path: Path
) -> None:
    """A new course, its graders verified, a class graded; `doctor` misses nothing."""
    python = str(without.folder / "bin" / "python")

    def run(*words: str, cwd: Path = tmp_path) -> str:
        done = without.run([python, "-m", "autograder", *words], cwd)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert without.run([python, "-c", "import tensorflow"], tmp_path).returncode
    run("new", "course", "course")
    course = tmp_path / "course"
    with contextlib.chdir(course):
        run("new", "assignment", "first", cwd=course)
        assert "false passes 0, false fails 0" in run("verify", cwd=course)
        place = course / "submitted" / "ada" / "first" / "first.ipynb"
        place.parent.mkdir(parents=True)
        shutil.copy(course / "source" / "first" / "first.ipynb", place)
        run("grade", "first", cwd=course)
    assert read_run(course / "runs" / "first" / "ada" / "run.json").device == "JAX, CPU"
    assert "backend       JAX" in run("doctor", "--no-rooms", cwd=course)
