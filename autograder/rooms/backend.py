"""What Keras computes with in rooms.

Students' rooms compute with what the course says. Judge rooms compute with TensorFlow wherever it
is installed, whatever the students' rooms do: the same answers get the same verdicts.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from typing import Literal

from autograder.errors import UsageError
from autograder.showing import quoted

Backend = Literal["tensorflow", "jax"]
BACKENDS: tuple[Backend, ...] = ("tensorflow", "jax")
NAMES: dict[Backend, str] = {"tensorflow": "TensorFlow", "jax": "JAX"}
ON_CPU = ", CPU"  # how a device ends that is no GPU
GPU_FAILED = "the GPU failed"  # how an incident begins that may be a neighbour's doing
PACKAGES: dict[Backend, tuple[str, ...]] = {"tensorflow": ("tensorflow",), "jax": ("jax", "jaxlib")}
_HOW: dict[Backend, str] = {
    "tensorflow": "pip install tensorflow",
    "jax": "pip install jax, or this package with the extra [jax]",
}


def students_backend(said: str = "auto") -> Backend:
    """What students' rooms compute with, as `backend` of the course's table [rooms] says.

    "auto" is what KERAS_BACKEND names, as for Keras itself; without it TensorFlow where that is
    installed, else JAX.

    Raises:
        UsageError: it is not installed, or KERAS_BACKEND names another one.
    """
    if said in BACKENDS:
        return _demanded(said, "[rooms] backend in course.toml")
    named = os.environ.get("KERAS_BACKEND", "")
    if named and named not in BACKENDS:
        raise UsageError(
            f"KERAS_BACKEND is {' or '.join(BACKENDS)} for rooms, not {quoted(named)}; unset it, or"
            " say [rooms] backend in course.toml"
        )
    for backend in BACKENDS:
        if named == backend:
            return _demanded(backend, "KERAS_BACKEND")
    return judges_backend()


def judges_backend() -> Backend:
    """What judge rooms compute with.

    Raises:
        UsageError: nothing is installed that they could.
    """
    for backend in BACKENDS:
        if is_installed(backend):
            return backend
    raise UsageError(
        f"Keras has nothing to compute with: {' or '.join(_HOW[backend] for backend in BACKENDS)}"
    )


def is_installed(backend: Backend) -> bool:
    """Whether it can be imported, as far as can be told without doing so."""
    return importlib.util.find_spec(backend) is not None


def version(package: str) -> str:
    """The version of an installed package; "" of one that is not, or came by another way."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _demanded(backend: Backend, where: str) -> Backend:
    if not is_installed(backend):
        raise UsageError(
            f"{where} is {backend}, and {NAMES[backend]} is not installed here: {_HOW[backend]}"
        )
    return backend
