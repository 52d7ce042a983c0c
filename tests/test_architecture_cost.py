"""What reading and matching costs, and that published networks have their published structure."""

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def calls(work: Any) -> int:
    """How many functions are called: a measure of work that no other process disturbs."""
    count = 0

    def tick(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("make", "expression"),
    [
        ("chain", 'path("conv3x3+")'),
        ("residual_stack", 'residual(body="conv3x3 bn conv3x3 bn", activation="relu")'),
    ],
)
def test_cost_grows_no_faster_than_n_log_n(make: str, expression: str) -> None:
    """From 500 to 4,000 layers: reading, counting, all structures, and an expression."""
    scaling = benchmark("architecture_scaling")
    small, large = (getattr(scaling, make)(layers) for layers in (500, 4000))
    scaling.seconds(small, expression)  # parsed expressions are cached
    growth = calls(lambda: scaling.seconds(large, expression)) / calls(
        lambda: scaling.seconds(small, expression)
    )
    assert growth < 8 * math.log(4000) / math.log(500)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["ResNet50", "MobileNetV3Large", "InceptionV3", "Xception", "ConvNeXtTiny", "NASNetLarge"],
)
def test_published_networks_have_their_published_structure(name: str) -> None:
    """Parameters, merges, blocks by kind, branches:
    the table of all networks is benchmarks/applications.py.
    """
    import json

    applications = benchmark("applications")
    published = json.loads(applications.TABLE.read_text(encoding="utf-8"))["models"][name]
    assert applications.measure(name, published).wrong == []
