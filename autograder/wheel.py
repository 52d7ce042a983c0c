"""What is installed on machines that are to grade as this one does: this package's own wheel, and
all that it needs in the versions that are here.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.errors import UsageError
from autograder.files import temporary_folder, write

NAME = "vision-autograder"
REQUIREMENTS = "requirements.txt"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same wheel from the same files
# what an installer adds to a wheel's files
_ADDED = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}


def write_requirements(
    folder: Path, libraries: Iterable[str], wheels: str = "."
) -> tuple[Path, Path]:
    """A requirements.txt in `folder`, to be installed from there, and the wheel that it names, in
    the folder `wheels` in it. `libraries` are what students of the course may import besides.

    Raises:
        UsageError: the wheel can't be made.
    """
    wheel = own_wheel(folder / wheels)
    named = f"./{wheel.relative_to(folder).as_posix()}"
    lines = [
        "# This package, what students may import, and all that these need, in the versions with",
        "# which it ran.",
        named,
    ]
    write(folder / REQUIREMENTS, "\n".join([*lines, *pins(libraries)]) + "\n")
    return folder / REQUIREMENTS, wheel


def names_this_package(folder: Path) -> bool | None:
    """Whether the requirements.txt there asks for this version of the package; None without one."""
    try:
        text = (folder / REQUIREMENTS).read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    return f"/vision_autograder-{importlib.metadata.version(NAME)}-" in text


def pins(libraries: Iterable[str]) -> list[str]:
    """The versions of all that the package and these libraries need, as installed here."""
    found: dict[str, str] = {}
    todo = [*_needs(Requirement(NAME)), *map(Requirement, libraries)]
    while todo:
        need = todo.pop()
        name = canonicalize_name(need.name)
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # for another system
            continue
        todo += _needs(need)
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _needs(of: Requirement) -> Iterator[Requirement]:
    for text in importlib.metadata.requires(of.name) or ():
        need = Requirement(text)
        extras = [{"extra": extra} for extra in ("", *of.extras)]
        if need.marker is None or any(need.marker.evaluate(extra) for extra in extras):
            yield need


def own_wheel(folder: Path) -> Path:
    """The wheel in `folder`: built where the package runs from a checkout, else put together again
    from the files that were installed.

    Raises:
        UsageError: it can't be built, or installed files are gone.
    """
    found = importlib.metadata.distribution(NAME)
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    if origin.get("dir_info", {}).get("editable"):
        return _built(Path(unquote(urlsplit(origin["url"]).path)), folder)
    return _put_together(found, folder)


def _built(checkout: Path, folder: Path) -> Path:
    with temporary_folder("wheel") as made:
        done = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        wheels = list(made.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            why = [*done.stderr.strip().splitlines(), "nothing came of it"][-1]
            raise UsageError(f"the wheel of {checkout} can't be built (make wheel): {why}")
        write(folder / wheels[0].name, wheels[0].read_bytes())
    return folder / wheels[0].name


def _put_together(found: importlib.metadata.Distribution, folder: Path) -> Path:
    """A wheel is its files and a list of them (PyPA's specification «Binary distribution
    format»); scripts are made from its entry points when it is installed.
    """
    files = [
        file
        for file in found.files or ()
        if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in _ADDED
    ]
    lists = [f"{file.parent.as_posix()}/RECORD" for file in files if file.name == "METADATA"]
    if not lists:
        raise UsageError(f"install {NAME} anew, with pip or uv: it has no list of its files")
    record, packed = io.StringIO(), io.BytesIO()
    rows = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            try:
                data = Path(str(file.locate())).read_bytes()
            except OSError as error:
                raise UsageError(f"install {NAME} anew: {error}") from None
            sum_ = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.writerow([file.as_posix(), f"sha256={sum_}", len(data)])
            archive.writestr(_entry(file.as_posix()), data)
        rows.writerow([lists[0], "", ""])
        archive.writestr(_entry(lists[0]), record.getvalue())
    name = f"{NAME.replace('-', '_')}-{found.version}-py3-none-any.whl"
    write(folder / name, packed.getvalue())
    return folder / name


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
