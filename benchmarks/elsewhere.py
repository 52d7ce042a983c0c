"""Our notebooks where nothing of ours is installed: `benchmarks/elsewhere.py [ASSIGNMENT …]`.

Makes two fresh environments, with Keras 3.10 and with the newest Keras, each with TensorFlow,
matplotlib and a kernel; puts notebook and labkit into an empty folder, as a student uploads them;
and runs source and release there. Downloads a gigabyte, and takes half an hour on two free cores.
Exit status 1 if a cell raises, or a check of the reference does not hold.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import own_course
from autograder.desk import place_labkit
from autograder.files import temporary_folder

VERSIONS = ("keras==3.10.*", "keras")
BESIDE = ("tensorflow", "matplotlib", "ipykernel", "nbclient")
HOLDS = "all public checks hold"


def environment(keras: str, folder: Path) -> Path:
    """A fresh environment with this Keras: the folder of its programs."""
    venv.create(folder, with_pip=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", keras, *BESIDE]
    subprocess.run(install, check=True)
    return folder / "bin"


def executed(programs: Path, source: Path, name: str, folder: Path) -> Any:
    """The notebook after a run beside labkit alone."""
    folder.mkdir()
    place_labkit(own_course(), name, folder)
    shutil.copy(source, folder)
    run = [
        str(programs / "jupyter-execute"),
        "--allow-errors",
        "--inplace",
        "--timeout=600",
        source.name,
    ]
    subprocess.run(run, cwd=folder, check=True, capture_output=True)
    return nbformat.read(folder / source.name, as_version=4)


def faults(notebook: Any, solved: bool) -> Iterator[str]:
    """The cells that raised, and the checks that do not hold though all is solved."""
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        for error in (one for one in outputs if one.output_type == "error"):
            yield f"{cell.id} raised {error.ename}: {error.evalue}"
        if solved and cell.id.endswith("_check"):
            said = "".join(one.text for one in outputs if one.output_type == "stream")
            if HOLDS not in said:
                yield f"{cell.id} said {said.strip()}"


def main(names: list[str]) -> int:
    course, found = own_course(), 0
    names = names or sorted(path.name for path in (course.root / "source").iterdir())
    with temporary_folder("elsewhere") as folder:
        for number, keras in enumerate(VERSIONS):
            programs = environment(keras, folder / f"{number}")
            asked = "import keras, tensorflow as tf; print(keras.__version__, tf.__version__)"
            ask = [str(programs / "python"), "-c", asked]
            versions = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
            for name, kind in itertools.product(names, ("source", "release")):
                path = course.source(name) if kind == "source" else course.template(name)
                place = folder / f"{number}-{name}-{kind}"
                here = list(faults(executed(programs, path, name, place), kind == "source"))
                print(f"{versions.strip()}: {name}, {kind}: {here or 'well'}", flush=True)
                found += len(here)
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
