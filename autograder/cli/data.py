"""`autograder data`: reads real images and weights as course.toml says,
and makes the course's folder `data`.
"""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course import DEFAULT_SEED, Course, find_course
from autograder.data.prepare import Prepared, prepare

NEXT = (
    "Next: autograder release puts it beside the notebooks; "
    "autograder calibrate measures the thresholds."
)


@click.command("data")
def data_command() -> None:
    """Make the real data ready that course.toml asks for;
    by default everything is drawn, and nothing is to do.

    \b
    [data.COLLECTION]           one of those that labkit draws
    from = "cifar10"            keras.datasets.cifar10,
                                downloaded by Keras unless it is in its cache
    classes = ["cat", "dog", …] by default the first six

    \b
    [data.COLLECTION]
    from = "folder"             of JPEG, PNG, GIF or BMP,
                                one sub-folder a class
    path = "photos"             from the course's folder

    \b
    [backbone]
    from = "vgg16"              keras.applications.VGG16,
                                with the weights of ImageNet

    Writes data/public, which goes to students with labkit, and data/hidden,
    chosen by the secret seed, for the judge.
    """  # noqa: D301 — click's sign for lines that it leaves alone
    course = find_course(Path.cwd())
    if not course.settings.data and not course.settings.backbone:
        where = course.root / "course.toml"
        click.echo(f"{where} asks for no real data: everything is drawn, there is nothing to do")
        return
    for one in prepare(course):
        click.echo(_told(one, course))
    if course.settings.backbone:
        click.echo("backbone: VGG16 with the weights of ImageNet, features of shape (2, 2, 512)")
    for path in sorted((course.root / "data").rglob("*.npz")):
        click.echo(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    if course.settings.data and course.secret_seed == DEFAULT_SEED:
        click.echo(
            "secret_seed is the one that ships: anyone can tell which images are hidden. "
            "Set your own first."
        )
    click.echo(NEXT)


def _told(one: Prepared, course: Course) -> str:
    images, side = one.images, one.images.images.shape[1]
    rest = f" (left out: {', '.join(images.left_out)})" if images.left_out else ""
    lines = [
        (
            f"{one.collection}: {len(images.labels):,} images of {side}×{side} "
            f"from {one.source.path or one.source.from_}"
        ),
        f"  classes: {', '.join(images.class_names)}{rest}",
    ]
    if one.doubles or one.spare:
        lines.append(
            f"  left out: {one.doubles:,} doubles; "
            f"{one.spare:,} that the smallest class has no partners for"
        )
    lines.append(f"  splits: {', '.join(f'{split} {size:,}' for split, size in one.sizes.items())}")
    if few := [f"{split} {one.sizes[split]:,} of {size:,}" for split, size in one.wanted.items()
               if one.sizes[split] < size]:  # fmt: skip
        lines.append(f"  fewer than the tasks ask for: {', '.join(few)}")
    if one.sizes["hidden"] < one.wanted["hidden"]:
        lines.append(
            f"  Add images, or set hidden = {{ {one.collection} = {one.sizes['hidden']} }} "
            f"in {course.graders}/<assignment>/calibration.toml and calibrate; "
            "until then accuracy can't be judged."
        )
    return "\n".join(lines)
