"""Scenes: the same bytes everywhere, boxes and masks that agree,
and a problem that is neither trivial nor hopeless.
"""

import hashlib

import numpy as np
import pytest

from autograder.vision import Scenes, scenes
from autograder.vision.collection import COLLECTIONS
from autograder.vision.dice import Dice, words
from autograder.vision.scenes import draw

DIGESTS = {
    "shapes": "ecdd0a1be4c56d95",
    "pretrain": "1103b7d5a1e30006",
    "fewshot": "e1c1d437423625ad",
    "biased": "a3fbafbd18de8e39",
}


def _columns(drawn: Scenes) -> tuple[np.ndarray, ...]:
    return drawn.images, drawn.labels, drawn.boxes, drawn.masks, drawn.groups, drawn.metadata


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_same_seed_same_bytes_on_any_machine(collection: str) -> None:
    """What is drawn is fixed to the last byte;
    whoever changes it on purpose counts `_EDITION` up.
    """
    digest = hashlib.sha256(
        b"".join(column.tobytes() for column in _columns(draw(collection, "digest", 24)))
    )
    assert DIGESTS[collection] == digest.hexdigest()[:16]


def test_random_words_are_those_of_the_published_generator() -> None:
    """SplitMix64 from state 1234567, as its authors' program prints it."""
    assert words(1234567, 3).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_a_scene_does_not_depend_on_how_many_are_drawn() -> None:
    """The first seven scenes of twenty are the seven scenes of seven."""
    for few, many in zip(
        _columns(draw("shapes", 5, 7)), _columns(draw("shapes", 5, 20)), strict=True
    ):
        np.testing.assert_array_equal(few, many[:7])


def test_splits_and_seeds_give_other_scenes() -> None:
    """No scene of one split, or one seed, occurs in another."""
    drawn = [
        scenes("shapes", split, 12, seed)
        for split in ("train", "validation", "test")
        for seed in (None, 1)
    ]
    assert len({image.tobytes() for some in drawn for image in some.images}) == 72


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_shapes_types_and_ranges(collection: str) -> None:
    """What the course promises about every column."""
    drawn = draw(collection, 3, 50)
    assert [(c.shape, c.dtype.name) for c in _columns(drawn)] == [
        ((50, 64, 64, 3), "uint8"),
        ((50,), "int64"),
        ((50, 4), "float32"),
        ((50, 64, 64), "bool"),
        ((50,), "int64"),
        ((50, 4), "float32"),
    ]
    assert set(drawn.labels) <= set(range(len(drawn.class_names)))
    for column in (drawn.boxes, drawn.metadata):
        assert column.min() >= 0
        assert column.max() <= 1


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_box_is_the_tight_box_of_the_mask(collection: str) -> None:
    """In pixels: the first and last row and column where the main object is."""
    drawn = draw(collection, 4, 40)
    for mask, box in zip(drawn.masks, drawn.boxes, strict=True):
        rows, columns = np.nonzero(mask)
        np.testing.assert_array_equal(
            box * 64, [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        )


def test_classes_are_balanced() -> None:
    """Any round of as many scenes as classes has each class once:
    240 few-shot scenes are 40 of each.
    """
    assert np.bincount(scenes("fewshot", "train").labels).tolist() == [40] * 6


def test_fewshot_and_shapes_share_no_class_with_pretrain() -> None:
    """At least 20 source classes, and nothing of them among the targets."""
    source = set(COLLECTIONS["pretrain"].outlines)
    assert len(source) >= 20
    assert not source & (set(COLLECTIONS["fewshot"].outlines) | set(COLLECTIONS["shapes"].outlines))
    assert not set(COLLECTIONS["fewshot"].outlines) & set(COLLECTIONS["shapes"].outlines)


def test_metadata_tell_the_look_alikes_apart() -> None:
    """The weight alone separates pentagons from discs in at least nine of ten scenes,
    and never all of them.
    """
    drawn = draw("shapes", 6, 600)
    alike = np.isin(drawn.labels, [drawn.class_names.index(name) for name in ("pentagon", "disc")])
    heavy = drawn.metadata[alike, 0] > 0.5
    right = np.mean(heavy == (drawn.labels[alike] == drawn.class_names.index("disc")))
    assert 0.9 < right < 1


def test_metadata_alone_do_not_give_the_class() -> None:
    """Without the image, the best of a nearest-neighbour guess stays
    far below the classes' number of right answers.
    """
    drawn = draw("shapes", 7, 900)
    known, asked = drawn.metadata[:600], drawn.metadata[600:]
    nearest = ((asked[:, None] - known[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert np.mean(drawn.labels[:600][nearest] == drawn.labels[600:]) < 0.4


def test_the_rare_group_is_rare_and_darker() -> None:
    """One scene in twenty of "biased" is taken at night;
    the other collections have no such group.
    """
    drawn = draw("biased", 8, 400)
    rare = drawn.groups == 1
    assert 0.02 < rare.mean() < 0.09
    assert drawn.images[rare].mean() < 0.2 * drawn.images[~rare].mean()
    assert draw("biased_rare", 8, 20).groups.all()
    assert not draw("shapes", 8, 50).groups.any()


def test_a_linear_model_on_pixels_stays_far_below() -> None:
    """Least squares on 16×16 grey pictures of 900 scenes: no better than a third."""
    drawn = draw("shapes", 9, 1200)
    small = drawn.images.mean(axis=3).reshape(-1, 16, 4, 16, 4).mean(axis=(2, 4)).reshape(1200, -1)
    pixels = np.c_[small / 127.5 - 1, np.ones(1200)]
    weights = np.linalg.lstsq(pixels[:900], np.eye(6)[drawn.labels[:900]], rcond=None)[0]
    assert np.mean((pixels[900:] @ weights).argmax(axis=1) == drawn.labels[900:]) < 0.34


@pytest.mark.parametrize(("collection", "split"), [("shape", "train"), ("shapes", "trian")])
def test_a_wrong_name_is_answered_with_the_nearest_right_one(collection: str, split: str) -> None:
    """The error names what there is and what was probably meant."""
    with pytest.raises(ValueError, match=r"there are .* Did you mean '(shapes|train)'\?"):
        scenes(collection, split)


def test_rolls_stay_within_what_was_asked() -> None:
    """Numbers, choices and directions keep to their ranges; directions have length one."""
    dice = Dice(11)
    assert all(2 <= dice.between(2, 3) < 3 and dice.integer(4) in range(4) for _ in range(20))
    c, s = dice.direction()
    assert abs(c * c + s * s - 1) < 1e-12
