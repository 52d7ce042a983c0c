"""How Keras writes down which tensor goes where:
references in call arguments, inputs and outputs of models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograder.architecture.node import Config

MOST = 10_000  # calls of one layer, and tensors of one call
# a layer's name within its model, which of its calls, which tensor of the call
Reference = tuple[str, int, int]


def tensors(value: Any) -> Iterator[Config]:
    """The references to tensors in call arguments, in Keras' order: dictionaries by key."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]
        else:
            for key in sorted(value):
                yield from tensors(value[key])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)


def references(value: Any) -> list[Reference]:
    """[name, call, tensor] triples of `input_layers` or `output_layers`,
    in Keras' order: dictionaries by key.
    """
    if isinstance(value, Mapping):
        return [reference for key in sorted(value) for reference in references(value[key])]
    if len(value) == 3 and isinstance(value[0], str):
        return [checked(value)]
    return [reference for item in value for reference in references(item)]


def checked(value: Any) -> Reference:
    """The reference that a [name, call, tensor] is; ValueError for anything else."""
    name, *numbers = value
    if not isinstance(name, str) or len(numbers) != 2:
        raise ValueError(f"{str(value)[:60]} is no reference to a tensor")
    if not all(isinstance(number, int) and 0 <= number <= MOST for number in numbers):
        raise ValueError(f"{str(value)[:60]} does not say which call and tensor is meant")
    return name, int(numbers[0]), int(numbers[1])


def rebased(layers: Mapping[str, Config], reference: Reference) -> Reference:
    """Keras counts a nested Functional's calls from 1 in `output_layers`,
    but from 0 in `inbound_nodes`.
    """
    name, index, tensor = reference
    return (name, index - 1, tensor) if "input_layers" in layers[name]["config"] else reference


def named_feeds(data: Config, feeds: list[int]) -> list[int] | dict[str, int]:
    """The feeds of a nested model by name, where it is called on a dictionary."""
    args = data.get("args") or ()
    if args and isinstance(args[0], Mapping) and args[0].get("class_name") != "__keras_tensor__":
        keys = [key for key in sorted(args[0]) for _ in tensors(args[0][key])]
        return dict(zip(keys, feeds, strict=False))
    return feeds


def flat_feeds(feeds: Any) -> list[int]:
    """The feeds of a model, however they are given, in order."""
    return list(feeds.values()) if isinstance(feeds, Mapping) else list(feeds)


def feeds_by_input(structure: Any, feeds: Any) -> dict[str, int]:
    """Which node is fed to which input layer of a nested model."""
    if feeds is None:
        return {}
    names = [name for name, _, _ in references(structure)]
    if isinstance(feeds, Mapping):
        if isinstance(structure, Mapping):
            return {references(structure[key])[0][0]: number for key, number in feeds.items()}
        if set(names) <= feeds.keys():
            return {name: feeds[name] for name in names}
    return dict(zip(names, flat_feeds(feeds), strict=False))
