"""Real images and weights in their original formats, read by Keras' own loaders."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.data.source import Source
from autograder.errors import UsageError
from autograder.rooms.backend import is_installed
from autograder.tables import unknown

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 64
# what image_dataset_from_directory reads; it skips others
FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")


@dataclass(frozen=True)
class Images:
    """Images (n, side, side, 3) with their classes; `left_out` are classes that nobody wanted."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def read_images(source: Source, root: Path, classes: int | None) -> Images:
    """The images of a source, of so many classes (None: of all of them).

    Raises:
        UsageError: they are not there, or not as they should be; says what to do.
    """
    return (
        _cifar10(source, classes)
        if source.from_ == "cifar10"
        else _folder(source, root / source.path, classes)
    )


def vgg16_arrays() -> dict[str, NDArray[np.float32]]:
    """The weights of VGG16 without its top, as "<layer>:<index>", for images in red, green, blue.

    Raises:
        UsageError: they are not there and can't be downloaded.
    """
    import keras

    load = functools.partial(keras.applications.VGG16, weights="imagenet", include_top=False)
    base = _from_keras("VGG16", "models/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", load)
    arrays = {
        f"{layer.name}:{i}": array
        for layer in base.layers
        for i, array in enumerate(layer.get_weights())
    }
    # the original reads blue, green, red
    arrays["block1_conv1:0"] = arrays["block1_conv1:0"][:, :, ::-1]
    return arrays


def _cifar10(source: Source, classes: int | None) -> Images:
    import keras

    file = "datasets/cifar-10-batches-py-target_archive"
    (x, y), (more_x, more_y) = _from_keras("CIFAR-10", file, keras.datasets.cifar10.load_data)
    chosen = _chosen(source, CIFAR10, classes, "CIFAR-10")
    images, labels = np.concatenate([x, more_x]), np.concatenate([y, more_y]).reshape(-1)
    new = np.full(len(CIFAR10), -1)
    new[[CIFAR10.index(name) for name in chosen]] = range(len(chosen))
    kept = new[labels] >= 0
    return Images(images[kept], new[labels[kept]].astype(np.int64), chosen, _rest(CIFAR10, chosen))


def _from_keras(what: str, file: str, load: Callable[[], Any]) -> Any:
    """What a loader of Keras gives, out of its cache or from the network."""
    place = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / file
    there = place.exists()
    try:
        return load()
    except Exception as error:
        # Keras raises just this where a download fails, and what not for a broken file
        lay = (
            f"the file {place}, which Keras does not take for the original"
            if there
            else f"no file {place}"
        )
        gone = "; it has removed it" if there and not place.exists() else ""
        raise UsageError(
            f"{what} can't be loaded: "
            f"expected the original at {place} or a network to download it from; "
            f"received {lay}{gone} ({type(error).__name__}: {str(error)[:300]})."
        ) from None


def _folder(source: Source, path: Path, classes: int | None) -> Images:
    if not is_installed("tensorflow"):
        raise UsageError(
            "Keras reads folders of images by TensorFlow, which is not installed here: pip install"
            " tensorflow"
        )
    import keras
    import tensorflow as tf

    if not path.is_dir():
        raise UsageError(
            f"expected a folder of images at {path}, and there is none; "
            "correct `path` in course.toml"
        )
    there = tuple(
        sorted(one.name for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
    )
    chosen = _chosen(source, there, classes, str(path))
    for name in chosen:
        if not any(file.suffix.lower() in FORMATS for file in (path / name).rglob("*")):
            raise UsageError(
                f"expected images ({', '.join(FORMATS)}) in {path / name}, and there are none"
            )
    found = keras.utils.image_dataset_from_directory(
        path, class_names=list(chosen), batch_size=None, image_size=(SIDE, SIDE), shuffle=False,
        crop_to_aspect_ratio=True, verbose=False,
    )  # fmt: skip
    images, labels = [], []
    try:
        for image, label in found:
            images.append(np.clip(np.rint(image.numpy()), 0, 255).astype(np.uint8))
            labels.append(int(label))
    except tf.errors.InvalidArgumentError:
        culprit = found.file_paths[len(images)]
        raise UsageError(
            f"expected an image in {culprit}, but it can't be decoded: cut off, or not an image?"
        ) from None
    return Images(np.stack(images), np.array(labels, np.int64), chosen, _rest(there, chosen))


def _chosen(
    source: Source, there: Sequence[str], classes: int | None, place: str
) -> tuple[str, ...]:
    """The classes to take: those that the course names, else the first ones."""
    if strange := [name for name in source.classes if name not in there]:
        raise UsageError(f"course.toml: in {place} {unknown('class', strange[0], there)}")
    chosen = source.classes or tuple(there)[:classes]
    right = len(chosen) == classes if classes else len(chosen) >= 2
    if not right:
        wanted = f"{classes} classes, as the notebooks and graders have"
        folders = "A folder holds one sub-folder a class."
        raise UsageError(
            f"expected {wanted if classes else 'at least 2 classes'}, in {place}; "
            f"found {len(chosen)}: {', '.join(chosen) or 'none'}. "
            f"{folders if source.from_ == 'folder' else 'Change `classes`.'}"
        )
    return chosen


def _rest(there: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in there if name not in chosen)
