"""Trains the backbone "minivgg" on the "pretrain" scenes
and writes its weights and its card into the course's part of labkit.

    python benchmarks/train_backbone.py        about ten minutes on two cores

Seeds are fixed; other processors and thread counts still give other last digits, so the card names
the hash of the weights that the course ships.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from autograder.vision import scenes
from autograder.vision.backbone import WEIGHTS, build

SEED, EPOCHS, BATCH, RATE = 0, 12, 64, 2e-3

CARD = """# minivgg

The pretrained backbone of the course; written by `benchmarks/train_backbone.py`.

| | |
| --- | --- |
| architecture | VGG-style (Simonyan & Zisserman 2014), 4 blocks of two 3×3 convolutions with batch normalisation |
| input, output | raw pixels (64, 64, 3), features (4, 4, 96) |
| parameters | {parameters:,} |
| data | collection "pretrain": {train:,} scenes of {classes} classes to train on, {validation:,} to validate |
| training | {epochs} epochs, batches of {batch}, Adam with a cosine schedule from {rate}, seed {seed} |
| validation accuracy | {accuracy:.3f} with a pooled softmax head, which is not shipped |
| not for | real photographs: it has only ever seen drawn scenes |
| file | minivgg.npz, {size:,} bytes, SHA-256 {digest} |
"""  # noqa: E501 — these are the lines of the card, and rows of a table can't be broken


def main() -> None:
    keras.utils.set_random_seed(SEED)
    train, validation = scenes("pretrain", "train"), scenes("pretrain", "validation")
    base = build()
    model = _with_head(base, len(train.class_names))
    steps = -(-len(train) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * steps)
    model.compile(
        keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    start = time.monotonic()
    history = model.fit(
        train.images,
        train.labels,
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(validation.images, validation.labels),
        verbose=2,
    )
    print(f"trained in {time.monotonic() - start:.0f} s")
    arrays = {
        f"{layer.name}:{i}": w for layer in base.layers for i, w in enumerate(layer.get_weights())
    }
    np.savez(WEIGHTS, **arrays)
    card = CARD.format(
        parameters=base.count_params(),
        train=len(train),
        validation=len(validation),
        classes=len(train.class_names),
        epochs=EPOCHS,
        batch=BATCH,
        rate=RATE,
        seed=SEED,
        accuracy=history.history["val_accuracy"][-1],
        size=WEIGHTS.stat().st_size,
        digest=hashlib.sha256(WEIGHTS.read_bytes()).hexdigest(),
    )
    (Path(WEIGHTS).parent / "BACKBONE.md").write_text(card, encoding="utf-8")


def _with_head(base: Any, classes: int) -> Any:
    x = layers.GlobalAveragePooling2D()(base.output)
    x = layers.Dropout(0.2)(x)
    return keras.Model(base.input, layers.Dense(classes, activation="softmax")(x))


if __name__ == "__main__":
    main()
