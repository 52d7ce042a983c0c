"""Hidden networks in the judge, which hold plain tensors, are those that the student was given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from answering import OWN

from autograder.answers.networks import made
from autograder.answers.questions import Network
from autograder.judge.hidden_side import load
from autograder.rooms import arguments


def networks(value: Any) -> Iterator[Network]:
    """All that questions give."""
    if isinstance(value, Network):
        yield value
    elif is_dataclass(value):
        yield from networks([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from networks(one)


@pytest.mark.parametrize(
    ("assignment", "task"),
    [
        ("functional_api", "intermediate_features"),
        ("transfer_learning", "extract_features"),
        ("transfer_learning", "frozen_model"),
        ("transfer_learning", "unfreeze_top"),
    ],
)
def test_the_judge_has_the_network_that_the_student_was_given(assignment: str, task: str) -> None:
    """Bit by bit: weights, flags, answers."""
    grader = load(OWN.graders / assignment / f"{task}.py")
    given = set(networks(grader.questions(np.random.default_rng(1))))
    assert given
    for network in given:
        asked = {"ask": "Network", "config": network.config, "seed": network.seed}
        theirs, ours = arguments.made(asked, {}, []), made(network)
        for one, other in zip(theirs.weights, ours.weights, strict=True):
            assert one.path == other.path
            assert np.array_equal(one, other)
        assert [layer.trainable for layer in ours.layers] == [
            layer.trainable for layer in theirs.layers
        ]
        images = np.random.default_rng(0).uniform(0, 255, (2, *theirs.input_shape[1:]))
        assert np.array_equal(
            theirs(images.astype("float32"), training=False),
            ours(images.astype("float32"), training=False),
        )
