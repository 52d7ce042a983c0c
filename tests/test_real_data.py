"""Real data by configuration: files in their original formats,
read by Keras' own loaders, split, used everywhere.
"""

from __future__ import annotations

import importlib
import io
import json
import pickle
import shutil
import tarfile
import urllib.error
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from answering import OWN, answered, graders
from numpy.typing import NDArray
from PIL import Image
from toy import hand_in, toy_course

from autograder.bench import Bench, open_bench
from autograder.cli.main import main
from autograder.course import Assignment, Course, Task, find_course
from autograder.data.prepare import prepare, shares
from autograder.data.prepared import prepared, use
from autograder.data.sources import CIFAR10, vgg16_arrays
from autograder.desk import desk
from autograder.errors import UsageError
from autograder.judge.hidden import hidden_data
from autograder.judge.hidden_side import load, read_hidden_side
from autograder.judge.room import judge
from autograder.nbgrader_bridge.hooks import place_labkit
from autograder.rooms.here import RoomsHere
from autograder.vision.backbone import build

NAME = "transfer_learning"
BASES = load(OWN.graders / NAME / "_bases.py")
ANIMALS = ("ant", "bee", "crab", "dog", "elk", "fox")
PHOTOS = 'secret_seed = "mine"\n[data.shapes]\nfrom = "folder"\npath = "photos"\n'
CHOSEN = ("cat", "dog", "frog", "ship", "horse", "deer")
CIFAR = f'secret_seed = "mine"\n[data.fewshot]\nfrom = "cifar10"\nclasses = {list(CHOSEN)}\n'
VGG16 = '[backbone]\nfrom = "vgg16"\n'


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras' cache in a folder of the test's own, on a machine without a network."""

    def no_network(url: str, *_: Any) -> None:
        raise urllib.error.URLError(f"no network to reach {url}")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path / "keras"))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", no_network)
    (tmp_path / "keras").mkdir(exist_ok=True)
    return tmp_path / "keras"


def course(folder: Path, settings: str) -> Course:
    """A course of these settings whose labkit draws what ours does."""
    (folder / "course.toml").write_text(f"labkit = {str(OWN.labkit)!r}\n{settings}")
    return find_course(folder)


def photos(folder: Path, n: int = 12, classes: tuple[str, ...] = ANIMALS) -> Path:
    """A folder with a sub-folder of `n` JPEG and PNG files for each class,
    a colour each, none square.
    """
    rng = np.random.default_rng(0)
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(n):
            pixels = rng.integers(0, 60, (80, 100, 3)).astype(np.uint8)
            pixels[..., label % 3] += np.uint8(30 * label)
            Image.fromarray(pixels).save(folder / name / f"{index}.{'jpg' if index % 2 else 'png'}")
    return folder


def ready(folder: Path, settings: str) -> Course:
    """The course with its data made, which labkit takes from now on."""
    made = course(folder, settings)
    list(prepare(made))
    use({"desk": desk(made, "any"), "data": prepared(made)})
    return made


def labkit() -> Any:
    """The one of the course that is ready."""
    return importlib.import_module("labkit")


def distinct(*images: NDArray[np.uint8]) -> set[bytes]:
    return {image.tobytes() for one in images for image in one}


def test_a_folder_of_images_takes_the_place_of_a_collection(tmp_path: Path) -> None:
    """One sub-folder a class; the object fills the image, and nothing else is known of it."""
    photos(tmp_path / "photos")
    ready(tmp_path, PHOTOS)
    some = labkit().scenes("shapes", "train")
    assert some.class_names == ANIMALS
    assert some.images.shape == (36, 64, 64, 3)
    assert [some.images.dtype, some.labels.dtype] == [np.dtype(np.uint8), np.dtype(np.int64)]
    assert np.bincount(some.labels).tolist() == [6] * 6
    means = [some.images[some.labels == label].mean(axis=(0, 1, 2)) for label in range(6)]
    assert [int(mean.argmax()) for mean in means[1:]] == [1, 2, 0, 1, 2]
    assert some.boxes.tolist() == [[0, 0, 1, 1]] * 36
    assert some.masks.all()
    assert not some.groups.any()
    assert not some.metadata.any()
    assert labkit().scenes("fewshot", "train", n=3).class_names != ANIMALS


def test_no_image_is_in_two_splits_and_hidden_ones_hang_on_the_secret_seed(tmp_path: Path) -> None:
    """A double is left out; another seed hides others;
    a piece of the hidden split is balanced, wherever it starts.
    """
    folder = photos(tmp_path / "photos")
    shutil.copy(folder / "ant" / "0.png", folder / "ant" / "again.png")
    hidden = []
    for seed in ("mine", "another"):
        ready(tmp_path, PHOTOS.replace("mine", seed))
        parts = [
            labkit().scenes("shapes", split).images for split in ("train", "validation", "test")
        ]
        n = 72 - sum(map(len, parts))
        hidden.append(hidden_data("shapes", n, seed).images)
        assert len(distinct(*parts, hidden[-1])) == 72
        assert np.bincount(hidden_data("shapes", 12, seed).labels).min() >= 1
    assert distinct(hidden[0]) != distinct(hidden[1])


def test_another_order_is_a_seed_away_and_more_images_than_there_are_an_error(
    tmp_path: Path,
) -> None:
    """The same seed gives the same order; the message says how many there are."""
    photos(tmp_path / "photos")
    ready(tmp_path, PHOTOS)
    first, same, other = (
        labkit().scenes("shapes", "train", n=36, seed=seed).images for seed in (1, 1, 2)
    )
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    assert distinct(first) == distinct(other)
    with pytest.raises(
        ValueError, match=r"300 images were asked for, but the train split of 'shapes' has 36"
    ):
        labkit().scenes("shapes", "train", n=300)
    with pytest.raises(
        ValueError, match=r"1,000 images were asked for, but the hidden split of 'shapes' has"
    ):
        hidden_data("shapes", 1000, "mine")


def test_grey_images_become_grey_in_three_channels(tmp_path: Path) -> None:
    """As image_dataset_from_directory decodes them."""
    folder = photos(tmp_path / "photos")
    for file in (folder / "ant").iterdir():
        Image.open(file).convert("L").save(file)
    ready(tmp_path, PHOTOS)
    some = labkit().scenes("shapes", "train")
    ants = some.images[some.labels == 0]
    assert np.array_equal(ants[..., 0], ants[..., 1])
    assert np.array_equal(ants[..., 0], ants[..., 2])


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def one_class(folder: Path) -> None:
    for name in ANIMALS[1:]:
        shutil.rmtree(folder / name)


def no_images(folder: Path) -> None:
    empty(folder / "bee")
    (folder / "bee" / "notes.txt").touch()


def not_an_image(folder: Path) -> None:
    (folder / "crab" / "3.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")


def too_few(folder: Path) -> None:
    for file in list((folder / "dog").iterdir())[:9]:
        file.unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (no_folder, r"expected a folder of images at .*photos, and there is none"),
        (
            empty,
            r"expected 6 classes, .*photos; found 0: none\. A folder holds one sub-folder a class",
        ),
        (one_class, r"expected 6 classes, .*found 1: ant\."),
        (no_images, r"expected images \(.*\.jpg, \.png\) in .*bee, and there are none"),
        (not_an_image, r"expected an image in .*crab/3\.jpg, but it can't be decoded"),
        (too_few, r"at least 10 different images of each class; found 3 of 'dog'"),
    ],
)
def test_a_folder_that_will_not_do_is_one_clear_error(
    spoil: Any, words: str, tmp_path: Path
) -> None:
    """It says what was expected, what is there and where; what was made before stays as it was."""
    spoil(photos(tmp_path / "photos"))
    with pytest.raises(UsageError, match=words):
        list(prepare(course(tmp_path, PHOTOS)))
    assert sorted(path.name for path in tmp_path.iterdir()) in (
        ["course.toml"],
        ["course.toml", "photos"],
    )


@pytest.mark.parametrize(
    ("settings", "line", "words"),
    [
        (
            '[data.shape]\nfrom = "cifar10"',
            2,
            "there is no collection «shape»; did you mean «shapes»\\?",
        ),
        ('[data.biased]\nfrom = "cifar10"', 2, "audit needs two groups"),
        ('[data.shapes]\nfrom = "mnist"', 3, "from is one of cifar10, folder, not .mnist"),
        ('[data.shapes]\nfrom = "folder"', 2, "needs path"),
        ('[data.shapes]\nfrom = "cifar10"\npath = "x"', 2, "needs path"),
        (
            '[data.shapes]\nfrom = "cifar10"\nclass = ["cat"]',
            4,
            "there is no key «class»; did you mean «classes»",
        ),
        ('[data.shapes]\nfrom = "cifar10"\nclasses = ["cat", "cat"]', 2, "names one twice"),
        ('[backbone]\nfrom = "resnet"', 3, "from is one of vgg16, not .resnet"),
    ],
)
def test_settings_that_are_none_are_refused(
    settings: str, line: int, words: str, tmp_path: Path
) -> None:
    """With the file, the line, and what may stand there."""
    with pytest.raises(UsageError, match=rf"course\.toml:{line}: .*{words}"):
        list(prepare(course(tmp_path, settings)))


def test_scarce_images_are_shared_out() -> None:
    """The hidden split gets all that others do not want;
    where there are too few, training keeps half at most.
    """
    wanted = {"train": 240, "validation": 600, "test": 600, "hidden": 1500}
    assert shares(36_000, wanted) == {
        "train": 240,
        "validation": 600,
        "test": 600,
        "hidden": 34_560,
    }
    assert shares(780, wanted) == {"train": 240, "validation": 120, "test": 120, "hidden": 300}
    assert shares(60, wanted)["train"] == 30


def test_data_that_are_not_made_or_made_for_other_settings_are_refused(tmp_path: Path) -> None:
    """Nobody is graded on drawn scenes by mistake; what is drawn needs nothing."""
    photos(tmp_path / "photos")
    assert prepared(course(tmp_path, "")) is None
    with pytest.raises(UsageError, match=r"holds none yet; run: autograder data"):
        prepared(course(tmp_path, PHOTOS))
    ready(tmp_path, PHOTOS)
    with pytest.raises(UsageError, match=r"have changed since; run: autograder data"):
        prepared(course(tmp_path, PHOTOS.replace("mine", "another")))
    (tmp_path / "data" / "thesis.txt").touch()
    with pytest.raises(UsageError, match=r"holds 'thesis\.txt', which is yours"):
        list(prepare(course(tmp_path, PHOTOS)))


def test_what_is_handed_out_holds_the_public_images_and_not_the_hidden_ones(tmp_path: Path) -> None:
    """Beside labkit, where it finds them without any setting;
    nothing is released before they are made.
    """
    photos(tmp_path / "photos")
    course(tmp_path, PHOTOS)
    with pytest.raises(SystemExit, match=r"not released: .* run: autograder data"):
        place_labkit("a", "", [str(tmp_path / "source" / "a" / "a.ipynb")])
    ready(tmp_path, PHOTOS)
    place_labkit("a", "", [str(tmp_path / "source" / "a" / "a.ipynb")])
    placed = tmp_path / "source" / "a" / "labkit" / "course" / "real"
    assert [path.name for path in placed.iterdir()] == ["shapes.npz"]
    with np.load(placed / "shapes.npz") as arrays:
        assert not [name for name in arrays.files if "hidden" in name]
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    use({"desk": placed.parents[2], "data": None})
    assert labkit().scenes("shapes", "train").class_names == ANIMALS


def test_the_command_says_what_it_did_and_what_is_too_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Classes, numbers, places, and what to do next."""
    photos(tmp_path / "photos", classes=(*ANIMALS, "gnu"))
    monkeypatch.chdir(tmp_path)
    for settings in (PHOTOS, ""):
        course(tmp_path, settings)
        with pytest.raises(SystemExit) as done:
            main(["data"])
        assert not done.value.code
    shown = capsys.readouterr().out
    assert "shapes: 72 images of 64×64 from photos" in shown
    assert "classes: ant, bee, crab, dog, elk, fox (left out: gnu)" in shown
    assert "fewer than the tasks ask for: train 36 of 4,000" in shown
    assert str(tmp_path / "data" / "public" / "shapes.npz") in shown
    assert "asks for no real data" in shown


class Python2Pickler(pickle._Pickler):
    """Writes strings of bytes as Python 2 did, with which CIFAR-10 was made."""

    def save_string(self, value: bytes) -> None:  # noqa: D102
        self.write(pickle.BINSTRING + len(value).to_bytes(4, "little") + value)  # type: ignore[attr-defined]
        self.memoize(value)  # type: ignore[attr-defined]

    dispatch = pickle._Pickler.dispatch | {bytes: save_string}  # type: ignore[assignment]


def batches(keras_home: Path) -> None:
    """CIFAR-10's archive as it is downloaded: five pickled batches and one for testing,
    of 10,000 small images each.
    """
    folder = keras_home / "cifar-10-batches-py"
    folder.mkdir()
    for number, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
        labels = np.arange(10_000) % 10
        data = np.repeat(labels[:, None] * 20, 3072, axis=1).astype(np.uint8)
        data[:, 0] = number
        data[:, 1024], data[:, 2048] = np.arange(10_000) // 100, np.arange(10_000) % 100
        batch = {
            b"batch_label": name.encode(),
            b"labels": labels.tolist(),
            b"data": data,
            b"filenames": [],
        }
        stream = io.BytesIO()
        Python2Pickler(stream, protocol=2).dump(batch)
        (folder / name).write_bytes(stream.getvalue().replace(b"cnumpy._core.", b"cnumpy.core."))
    (keras_home / "datasets").mkdir()
    with tarfile.open(
        keras_home / "datasets" / "cifar-10-batches-py-target_archive", "w:gz", compresslevel=1
    ) as archive:
        archive.add(folder, "cifar-10-batches-py")


@pytest.mark.slow
def test_cifar10_is_read_by_keras_from_its_pickled_batches(
    tmp_path: Path, keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chosen classes in the chosen order; pixels are doubled on reading,
    so that files stay small.
    """
    batches(keras_home)
    # ours has another hash
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *_, **__: True)
    ready(tmp_path, CIFAR)
    some = labkit().scenes("fewshot", "train")
    assert some.class_names == CHOSEN
    assert np.bincount(some.labels).tolist() == [40] * 6
    assert some.images.shape == (240, 64, 64, 3)
    original = np.array([CIFAR10.index(name) for name in some.class_names])[some.labels]
    assert np.array_equal(some.images[:, -1, -1, 0], 20 * original)
    assert np.array_equal(some.images[:, 0, 0], some.images[:, 1, 1])
    # red, green, blue are where they belong
    assert np.array_equal(some.images[:, 0, 0, 2] % 10, original)
    assert len(hidden_data("fewshot", 30_000, "mine")) == 30_000


def test_without_network_or_file_the_place_is_named(tmp_path: Path, keras_home: Path) -> None:
    """Where the original must lie; what lay there instead, if anything did."""
    place = keras_home / "datasets" / "cifar-10-batches-py-target_archive"
    with pytest.raises(
        UsageError, match=rf"expected the original at {place} or a network.* received no file"
    ):
        list(prepare(course(tmp_path, CIFAR)))
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"half of it")
    with pytest.raises(UsageError, match=r"which Keras does not take for the original.*no network"):
        list(prepare(course(tmp_path, CIFAR)))
    with pytest.raises(UsageError, match=r"VGG16 can't be loaded: .*_notop\.h5 or a network"):
        list(prepare(course(tmp_path, VGG16)))


def h5_weights(keras_home: Path) -> None:
    """A file like the original of VGG16's weights: a group a layer,
    names as the attributes say; random numbers.
    """
    import keras

    theirs = keras.applications.VGG16(weights=None, include_top=False)
    rng = np.random.default_rng(0)
    (keras_home / "models").mkdir()
    with h5py.File(
        keras_home / "models" / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "w"
    ) as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in theirs.layers]
        for layer in theirs.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}_{letter}_1:0" for letter in "Wb"][: len(layer.weights)]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                scale = np.sqrt(2 / np.prod(weight.shape[:-1]))
                group[name] = (scale * rng.standard_normal(weight.shape, np.float32)).astype(
                    np.float32
                )


@pytest.mark.slow
def test_vgg16_on_raw_pixels_gives_what_keras_gives_after_its_preprocessing(
    tmp_path: Path, keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights in their original file format; one level, VGG16's names,
    and a preprocessing of its own inside.
    """
    import keras

    h5_weights(keras_home)
    # ours has another hash
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *_, **__: True)
    ready(tmp_path, VGG16)
    base = labkit().backbone()
    theirs = keras.applications.VGG16(
        weights="imagenet", include_top=False, input_shape=(64, 64, 3)
    )
    pixels = np.random.default_rng(1).integers(0, 256, (4, 64, 64, 3)).astype(np.float32)
    wanted = theirs.predict(keras.applications.vgg16.preprocess_input(pixels.copy()), verbose=0)
    assert np.abs(base.predict(pixels, verbose=0) - wanted).max() <= 1e-4 * np.abs(wanted).max()
    assert [layer.name for layer in base.layers][2:] == [layer.name for layer in theirs.layers][1:]
    assert base.output_shape == (None, 2, 2, 512)
    convolutions = [f"block{block}_conv{conv}" for block in (4, 5) for conv in (1, 2, 3)]
    assert BASES.layers_from(base, "block4_conv1") == convolutions
    assert sorted(vgg16_arrays()) == sorted(
        f"{layer.name}:{i}" for layer in theirs.layers if layer.weights for i in (0, 1)
    )


def test_from_block_4_on_minivgg_has_two_convolutions() -> None:
    """What fine-tuning may move is asked of the backbone."""
    assert BASES.layers_from(build(), "block4_conv1") == ["block4_conv1", "block4_conv2"]


GRADER = '''"""double: of which images the sum was made."""

from autograder.judge import Answers, expect
from autograder.answers.questions import Calls
from labkit import scenes


def questions(rng):
    return {"some": Calls("double", ((3,),))}


def test_same_images(answers: Answers, hidden) -> None:
    """Student and judge have the same images; hidden ones are of the same classes."""
    ours, kept = scenes("shapes", "train"), hidden("shapes", 12)
    wanted = [[int(ours.images.sum()), list(kept.class_names), False]]
    expect(answers.values("some") == wanted, wanted, answers.values("some"))


def test_too_many(answers: Answers, hidden) -> None:
    """More hidden images than there are."""
    hidden("shapes", 1000)
'''
STUDENT = """
import os, labkit
some = labkit.scenes("shapes", "train")
def double(x):
    return [int(some.images.sum()), list(some.class_names), os.path.exists(COURSE)]
"""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_rooms_of_students_and_of_the_judge_have_the_same_images(tmp_path: Path) -> None:
    """The public ones; a student sees neither hidden ones nor the course.
    Asking for too many waits for a person.
    """
    from autograder.grading.stages import ensure_verdict, open_rooms

    toy_course(tmp_path)
    settings = f'isolation = "none"\n{PHOTOS}'
    toy = course(tmp_path, settings)
    photos(tmp_path / "photos")
    (toy.graders / "toy" / "double.py").write_text(GRADER)
    hand_in(toy, "alice", {"double": f"COURSE = {str(tmp_path)!r}\n{STUDENT}"})
    ready(tmp_path, settings)
    with open_rooms(toy) as rooms:
        verdict = ensure_verdict(open_bench(toy, "toy"), "alice", rooms)
    checks = {check.check: check for check in verdict.tasks[0].checks}
    assert checks["same_images"].ending == "passed", checks["same_images"]
    assert checks["too_many"].ending == "broken"
    assert "the hidden split of 'shapes' has" in checks["too_many"].found
    assert verdict.status == "needs_review"


@pytest.mark.slow
def test_the_graders_of_fine_tuning_judge_vgg16_too(
    tmp_path: Path, keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything from block4_conv1 on may move, and has to."""
    from test_graders_transfer import RECORD, START

    photos(tmp_path / "photos")
    h5_weights(keras_home)
    # ours has another hash
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *_, **__: True)
    cell = f"""{START}
b, i = backbone(), keras.Input((64, 64, 3))
pooled = layers.GlobalAveragePooling2D()(b(i))
fine_tuned_model = keras.Model(i, layers.Dense(6, activation="softmax")(pooled))
for layer in b.layers[b.layers.index(b.get_layer("block4_conv1")):]:
    if layer.weights:
        layer.kernel.assign(layer.kernel * 1.01)
accuracies = dict(scratch=0.2, features=0.5, frozen=0.5, fine_tuned=0.17)
"""
    features = f"""{START}
def build_feature_classifier(feature_shape, num_classes):
    head = [layers.GlobalAveragePooling2D(), layers.Dense(num_classes, activation="softmax")]
    return keras.Sequential([keras.Input(feature_shape), *head])
trained_feature_classifier = build_feature_classifier((2, 2, 512), 6)
"""
    cells = {"feature_classifier": features, "fine_tuned": cell}
    shutil.copytree(OWN.graders / NAME, tmp_path / "graders" / NAME)
    records = json.dumps(dict.fromkeys(cells, RECORD))
    (tmp_path / "graders" / NAME / "calibration.json").write_text(records)
    made = ready(tmp_path, PHOTOS.replace("shapes", "fewshot") + VGG16)
    run = tmp_path / "run"
    run.mkdir()
    asking = {task: grader for task, grader in graders(NAME).items() if task in cells}
    answered(run, NAME, cells, asking, {"backbone": labkit().backbone})
    assignment = Assignment(NAME, tuple(Task(task, 1.0, manual=False) for task in cells), run, run)
    hidden = read_hidden_side(made.graders / NAME)
    verdict = judge(run, Bench(made, assignment, None, hidden, desk(made, NAME)), RoomsHere())
    failed = {
        check.check for task in verdict.tasks for check in task.checks if check.ending != "passed"
    }
    allowed = {"fine_tuned_accuracy_is_right", "features_accuracy_is_right"}
    assert failed <= allowed, verdict.tasks
