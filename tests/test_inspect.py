"""`autograder inspect`: facts, expectations and pictures of a model file, none of which is run."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from limits import largest_file

from autograder.architecture.inspect import inspect
from autograder.cli.inspect import inspect_command
from autograder.errors import ArchitectureError, ExpressionError, UsageError

TENSOR = {"class_name": "__keras_tensor__"}


def layer(
    cls: str, name: str, *inputs: tuple[str, list[int | None]], **config: object
) -> dict[str, object]:
    """A layer's entry as Keras writes it."""
    tensors = [
        TENSOR | {"config": {"shape": shape, "dtype": "float32", "keras_history": [source, 0, 0]}}
        for source, shape in inputs
    ]
    calls: list[Any] = (
        [{"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {}}] if inputs else []
    )
    return {
        "module": "keras.layers",
        "class_name": cls,
        "config": {"name": name, "trainable": True, **config},
        "registered_name": None,
        "name": name,
        "inbound_nodes": calls,
    }


MAP: list[int | None] = [None, 8, 8, 4]
CONV = {
    "filters": 4,
    "kernel_size": [3, 3],
    "strides": [1, 1],
    "padding": "same",
    "activation": "linear",
}
MODEL = {
    "module": "keras.src.models.functional",
    "class_name": "Functional",
    "registered_name": "Functional",
    "config": {
        "name": "net",
        "trainable": True,
        "layers": [
            layer("InputLayer", "x", batch_shape=MAP),
            layer("Conv2D", "a", ("x", MAP), **CONV),
            layer("Conv2D", "b", ("a", MAP), **CONV),
            layer("Add", "sum", ("b", MAP), ("x", MAP)),
            layer("GlobalAveragePooling2D", "gap", ("sum", MAP)),
            layer("Dense", "out", ("gap", [None, 4]), units=3, activation="softmax", use_bias=True),
        ],
        "input_layers": [["x", 0, 0]],
        "output_layers": [["out", 0, 0]],
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.json"
    path.write_text(json.dumps(MODEL), encoding="utf-8")
    return path


def test_json_has_the_agreed_keys(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts are derived from the configuration alone."""
    assert inspect(file, as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "parameters": {"total": 311, "trainable": 311, "non_trainable": 0},
        "merges": {"add": 1, "concatenate": 0, "multiply": 0},
        "concatenate_fan_in": {},
        "residual_blocks": {"identity": 1, "projection": 0, "pool": 0, "linear": 0},
        "skips": 0,
        "heads": [{"name": "out", "units": 3, "activation": "softmax", "rank": 2}],
        "opaque": [],
        "unknown_shapes": 0,
    }


def test_facts_and_layers_are_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A summary first, then a line for each layer."""
    assert inspect(file) == 0
    said = capsys.readouterr().out
    assert "«net»: 6 layers, 311 parameters, 311 trainable, 0 not" in said
    assert "residual blocks, by shortcut: 1 identity" in said
    assert said.splitlines()[-1].split() == ["out", "dense,", "3", "3", "gap"]


def test_an_archive_is_known_by_its_first_bytes(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its ending is."""
    with zipfile.ZipFile(file.with_suffix(".download"), "w") as bundle:
        bundle.writestr("config.json", json.dumps(MODEL))
    assert inspect(file.with_suffix(".download")) == 0
    assert "«net»: 6 layers" in capsys.readouterr().out


def test_an_expectation_decides_the_exit_status(file: Path) -> None:
    """0 as expected, 1 not as expected, each with an explanation."""
    met = CliRunner().invoke(
        inspect_command, [str(file), "--expect", 'residual(body="conv3x3 conv3x3")']
    )
    assert inspect(file, expect='residual(body="conv3x3 conv3x3")') == 0
    assert met.output.startswith("as expected")
    missed = CliRunner().invoke(
        inspect_command,
        [str(file), "--expect", 'residual(body="conv5x5 conv3x3")'],
        standalone_mode=False,
    )
    assert missed.return_value == 1
    wanted = "at least one residual block (body «conv5x5 conv3x3»)"
    assert f"not as expected\nexpected: {wanted}\nfound: " in missed.output
    assert any(line.startswith("✗") for line in missed.output.splitlines())


def test_a_picture_is_written(file: Path, tmp_path: Path) -> None:
    """With the place marked that the expectation speaks of, and what is missing there."""
    asked = 'residual(body="conv5x5 conv3x3 bn")'
    assert inspect(file, expect=asked, svg=tmp_path / "net.svg") == 1
    drawn = (tmp_path / "net.svg").read_text(encoding="utf-8")
    assert "✗ wrong" in drawn
    assert "? missing" in drawn


def test_a_picture_that_can_not_be_written_leaves_the_old_one(file: Path, tmp_path: Path) -> None:
    """Whole, and nothing beside it."""
    place = tmp_path / "net.svg"
    place.write_text("what was there", encoding="utf-8")
    with largest_file(1_000), pytest.raises(UsageError, match="can't be written: File too large"):
        inspect(file, svg=place)
    assert place.read_text(encoding="utf-8") == "what was there"
    assert set(tmp_path.iterdir()) == {file, place}


def test_a_picture_goes_through_a_link_and_into_a_device(file: Path, tmp_path: Path) -> None:
    """Neither is replaced."""
    link, aim = tmp_path / "link.svg", tmp_path / "aim.svg"
    link.symlink_to(aim)
    for place in (link, Path("/dev/null")):
        assert inspect(file, svg=place) == 0
    assert "<svg" in aim.read_text(encoding="utf-8")
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nonsense", '{"config": {"layers": 3}}', json.dumps(MODEL)[:-40]]
)
def test_what_is_no_model_is_an_error_and_not_a_mismatch(tmp_path: Path, text: str) -> None:
    """Exit status 2, and a sentence."""
    path = tmp_path / "model.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ArchitectureError):
        inspect(path)
    result = CliRunner().invoke(inspect_command, [str(path)], standalone_mode=False)
    assert isinstance(result.exception, UsageError)


def test_files_of_keras_2_are_called_that(tmp_path: Path) -> None:
    """HDF5, whatever its ending, and descriptions in JSON or in an archive: each is told with what
    to do.
    """
    for name in ("model.h5", "model.keras", "weights.bin"):
        (tmp_path / name).write_bytes(b"\x89HDF\r\n\x1a\n\0\0")
        with pytest.raises(ArchitectureError, match=rf"^{name} is an HDF5 file: .* as Keras 2"):
            inspect(tmp_path / name)
    entry = {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
             "config": {"batch_input_shape": [None, 4], "name": "x"}}  # fmt: skip
    dense = {"class_name": "Dense", "name": "d", "inbound_nodes": [[["x", 0, 0, {}]]],
             "config": {"name": "d", "units": 2}}  # fmt: skip
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["d", 0, 0]]}
    whole = {"class_name": "Functional", "config": {"name": "m", "layers": [entry, dense], **ends}}
    chain = {"class_name": "Sequential", "config": {"name": "m", "layers": [entry, dense]}}
    said = {"keras_version": "2.15.0", "backend": "tensorflow"}
    for model, version in ((whole, "2"), (chain, "2"), ({**chain, **said}, "2.15.0")):
        (tmp_path / "model.json").write_text(json.dumps(model), encoding="utf-8")
        with zipfile.ZipFile(tmp_path / "zip.keras", "w") as bundle:
            bundle.writestr("config.json", json.dumps(model))
        for name in ("model.json", "zip.keras"):
            with pytest.raises(ArchitectureError, match=f"written by Keras {version}; expected"):
                inspect(tmp_path / name)


def test_a_bad_expression_is_an_error(file: Path) -> None:
    """It points at the character."""
    with pytest.raises(ExpressionError, match=r"\^"):
        inspect(file, expect="residual(n=2")


def test_grammar_is_there_without_a_file() -> None:
    """Also from a wheel, where nobody reads sources."""
    result = CliRunner().invoke(inspect_command, ["--grammar"])
    assert result.exit_code == 0
    assert 'residual(body="conv3x3 conv3x3"' in result.output
