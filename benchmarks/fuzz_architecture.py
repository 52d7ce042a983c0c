"""Mangled configurations and archives: each is read or refused with a clear error;
none crashes, hangs or reaches out.

    python benchmarks/fuzz_architecture.py [--cases 2000] [--seed 0] [--rebuild]

A worker process reads the cases one by one; one that dies or takes longer than 20 seconds is
counted and replaced. It opens no file but the case: Python's opens are watched by an audit hook,
HDF5's by a canary's time of access.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import os
import random
import select
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SECONDS = 20
HOSTILE: list[Any] = [
    None,
    True,
    -1,
    0,
    1 << 40,
    10**30,
    1e308,
    float("nan"),
    "",
    "x" * 5000,
    "\ud800",
    "\x1b]0;x\x07",
    [],
    {},
    [[]],
    "../../etc/passwd",
    ["a", 0, 0],
    {"class_name": "__lambda__", "config": {"value": ["4wAAAA==", None, None]}},
    {
        "module": "builtins",
        "class_name": "function",
        "config": "eval",
        "registered_name": "function",
    },
    {
        "module": "keras.layers",
        "class_name": "TFSMLayer",
        "config": {"name": "t", "filepath": "/etc/passwd"},
    },
    {
        "module": "keras.layers",
        "class_name": "StringLookup",
        "config": {"name": "s", "vocabulary": "/etc/passwd"},
    },
    {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None], "dtype": "float32", "keras_history": ["x", 0, 0]},
    },
]


def write_seeds(folder: Path) -> None:
    """Archives of a few models with everything that the reader knows, made by Keras."""
    import keras
    from keras import layers

    def block(x: Any, filters: int) -> Any:
        y = layers.BatchNormalization()(
            layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        )
        return layers.ReLU()(layers.Conv2D(filters, 1)(x) + y)

    image = keras.Input((16, 16, 3), name="image")
    net = keras.Model(
        image,
        layers.Dense(3)(layers.GlobalAveragePooling2D()(block(block(image, 4), 8))),
        name="net",
    )
    left, right = keras.Input((16, 16, 3), name="left"), keras.Input((16, 16, 3), name="right")
    twin = keras.Model(
        {"left": left, "right": right}, {"d": keras.ops.abs(net(left) - net(right)), "e": net(left)}
    )
    chain = keras.Sequential(
        [keras.Input((8,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(2)]
    )
    x = keras.Input((6,), dtype="int32")
    words = keras.Model(x, layers.Bidirectional(layers.LSTM(3))(layers.Embedding(9, 4)(x)))
    chain.compile("adam", "mse")
    chain.fit(np.zeros((4, 8)), np.zeros((4, 2)), verbose=0)
    for name, model in {"net": net, "twin": twin, "chain": chain, "words": words}.items():
        model.save(folder / f"{name}.keras")


def mangled(seeds: Path, canary: Path, number: int, seed: int) -> tuple[str, str, bytes]:
    """Case `number`: what was done, the file's ending, its bytes."""
    rng = random.Random(f"{seed}/{number}")
    source = rng.choice(sorted(seeds.glob("*.keras")))
    with zipfile.ZipFile(source) as bundle:
        parts = {name: bundle.read(name) for name in bundle.namelist()}
    if number % 2 == 0:
        trick, parts["config.json"] = mangled_config(parts["config.json"], rng)
        return trick, *(
            (".keras", packed(parts)) if rng.random() < 0.3 else (".json", parts["config.json"])
        )
    trick, change = rng.choice(sorted(ARCHIVES.items()))
    return trick, ".keras", change(parts, rng, canary)


def mangled_config(text: bytes, rng: random.Random) -> tuple[str, bytes]:
    """A configuration with one to four things changed in its tree, or its text broken."""
    kind = rng.choice(["tree"] * 6 + ["cut", "bytes", "deep", "digits", "loop"])
    if kind in TEXTS:
        return kind, TEXTS[kind](text, rng)
    config = json.loads(text)
    if kind == "loop":
        _tangle(config, rng)
        return kind, json.dumps(config).encode()
    done = [_change(config, rng) for _ in range(rng.randint(1, 4))]
    return "tree: " + ", ".join(done), json.dumps(config).encode()


def _tangle(config: Any, rng: random.Random) -> None:
    """Every tensor comes from some layer or other, so that layers wait for each other."""
    for node in tree(config):
        if isinstance(node, dict) and "keras_history" in node:
            name = rng.choice(config["config"]["layers"]).get("name", "x")
            node["keras_history"] = [name, rng.randrange(3), 0]


def _change(config: Any, rng: random.Random) -> str:
    """Change one thing somewhere in the tree, and say what."""
    nodes = [node for node in tree(config) if node]
    target = rng.choice(nodes)
    key = rng.choice(list(target)) if isinstance(target, dict) else rng.randrange(len(target))
    how = rng.choice(["hostile", "hostile", "delete", "swap", "repeat", "rename"])
    if how == "hostile":
        target[key] = rng.choice(HOSTILE)
    elif how == "delete":
        del target[key]
    elif how == "swap":
        target[key] = json.loads(json.dumps(rng.choice(nodes)))
    elif how == "repeat" and isinstance(target, list):
        target.extend([target[key]] * rng.choice([1, 50]))
    elif isinstance(target, dict):
        new = rng.choice(["layers", "name", "class_name", "config", "module"])
        target[new] = target.pop(key)
    return f"{how} {key}"


def tree(value: Any) -> Iterator[Any]:
    """All lists and objects of a JSON value."""
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from tree(inner)


def flipped(data: bytes, rng: random.Random) -> bytes:
    """Some bytes changed."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 3, 30, 300])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


TEXTS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": lambda text, rng: text[: rng.randrange(len(text))],
    "bytes": flipped,
    "deep": lambda text, _: text.replace(b"null", b"[" * 5000 + b"]" * 5000, 1),
    "digits": lambda text, _: text.replace(b"null", b"1" * 6000, 1),
}
"""What breaks the text of a configuration, whatever stands in it."""


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as bundle:
        for name, data in parts.items():
            bundle.writestr(name, data)
    return out.getvalue()


Parts = dict[str, bytes]


def _flip(parts: Parts, rng: random.Random, _: Path) -> bytes:
    return flipped(packed(parts), rng)


def _flip_arrays(parts: Parts, rng: random.Random, _: Path) -> bytes:
    return packed(parts | {"model.weights.h5": flipped(parts["model.weights.h5"], rng)})


def _flip_head_of_arrays(parts: Parts, rng: random.Random, _: Path) -> bytes:
    data = parts["model.weights.h5"]
    return packed(parts | {"model.weights.h5": flipped(data[:2048], rng) + data[2048:]})


def _cut(parts: Parts, rng: random.Random, _: Path) -> bytes:
    data = packed(parts)
    return data[: rng.randrange(len(data))]


def _cut_arrays(parts: Parts, rng: random.Random, _: Path) -> bytes:
    data = parts["model.weights.h5"]
    return packed(parts | {"model.weights.h5": data[: rng.randrange(len(data))]})


def _drop(parts: Parts, rng: random.Random, _: Path) -> bytes:
    gone = rng.choice(sorted(parts))
    return packed({name: data for name, data in parts.items() if name != gone})


def _names(parts: Parts, rng: random.Random, canary: Path) -> bytes:
    odd = [
        "../up",
        "/etc/passwd",
        str(canary),
        "a/../../b",
        "a\\..\\b",
        "C:evil",
        "CONFIG.json",
        "x" * 60000,
        "a//b",
    ]
    return packed(parts | {rng.choice(odd): b"x"})


def _many(parts: Parts, rng: random.Random, _: Path) -> bytes:
    return packed(parts | {f"assets/{i}": b"" for i in range(rng.choice([40, 100, 3000]))})


def _link(parts: Parts, rng: random.Random, canary: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name)
            if name == rng.choice(["config.json", "model.weights.h5"]):
                info.external_attr = (
                    rng.choice([stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR]) | 0o777
                ) << 16
            bundle.writestr(info, str(canary) if info.external_attr else data)
    return out.getvalue()


def _bomb(parts: Parts, rng: random.Random, _: Path) -> bytes:
    name = rng.choice(["config.json", "model.weights.h5", "assets/x"])
    return packed(parts | {name: bytes(rng.choice([20, 60]) << 20)}, zipfile.ZIP_DEFLATED)


def _with_arrays(parts: Parts, write: Callable[[h5py.File], None], edit: bool = True) -> bytes:
    out = io.BytesIO(parts["model.weights.h5"] if edit else b"")
    with h5py.File(out, "r+" if edit else "w") as file:
        write(file)
    return packed(parts | {"model.weights.h5": out.getvalue()})


def _links_inside(parts: Parts, rng: random.Random, canary: Path) -> bytes:
    link = rng.choice(
        [h5py.ExternalLink(str(canary), "/x"), h5py.SoftLink("/layers"), h5py.SoftLink("/nowhere")]
    )
    place = rng.choice(["layers/evil", "evil", "layers/net/vars/0", "vars/0"])

    def write(file: h5py.File) -> None:
        if place in file:
            del file[place]
        file[place] = link

    return _with_arrays(parts, write)


def _loop(parts: Parts, rng: random.Random, _: Path) -> bytes:
    def write(file: h5py.File) -> None:
        file[rng.choice(["layers/again", "again"])] = file[rng.choice(["layers", "/"])]

    return _with_arrays(parts, write)


def _external(parts: Parts, rng: random.Random, canary: Path) -> bytes:
    def write(file: h5py.File) -> None:
        if rng.random() < 0.5:
            file.create_dataset("layers/d/vars/0", (8,), "u1", external=[(str(canary), 0, 8)])
        else:
            layout = h5py.VirtualLayout(
                (8,), "u1", maxshape=(None,) if rng.random() < 0.5 else (8,)
            )
            layout[:] = h5py.VirtualSource(str(canary), "x", shape=(8,))
            file.create_virtual_dataset("layers/d/vars/0", layout)

    return _with_arrays(parts, write)


def _shapes(parts: Parts, rng: random.Random, _: Path) -> bytes:
    def write(file: h5py.File) -> None:
        shape = rng.choice([(1 << 40,), (1 << 20, 1 << 20), (1 << 28,), (1,) * 20])
        chunks = tuple(min(n, 64) for n in shape)
        file.create_dataset(
            "layers/x/vars/9", shape, "f4", chunks=chunks, compression=rng.choice([None, "gzip"])
        )

    return _with_arrays(parts, write)


def _types(parts: Parts, rng: random.Random, _: Path) -> bytes:
    types = [
        h5py.string_dtype(),
        h5py.ref_dtype,
        h5py.vlen_dtype("f4"),
        "S5",
        "c16",
        np.dtype([("a", "f4")]),
    ]

    def write(file: h5py.File) -> None:
        file.create_dataset("layers/dense/vars/8", (2,), rng.choice(types))
        file["layers/type"] = np.dtype("f8")

    return _with_arrays(parts, write)


def _groups(parts: Parts, rng: random.Random, _: Path) -> bytes:
    def write(file: h5py.File) -> None:
        if rng.random() < 0.5:
            file.create_group("/".join("g" * rng.choice([50, 100, 300])))
        else:
            for i in range(3000):
                file.create_group(f"layers/g{i}")

    return _with_arrays(parts, write)


def _attributes(parts: Parts, rng: random.Random, _: Path) -> bytes:
    values = ["\x1b[31m", "a" * 60000, 3, np.zeros(4000), b"\xff\xfe", ["a", "b"], "net", ""]

    def write(file: h5py.File) -> None:
        def change(name: str, item: Any) -> None:
            if name.endswith("vars") and rng.random() < 0.5:
                item.attrs["name"] = rng.choice(values)

        file.visititems(change)

    return _with_arrays(parts, write)


def _not_hdf5(parts: Parts, rng: random.Random, _: Path) -> bytes:
    return packed(
        parts | {"model.weights.h5": rng.choice([b"", b"\x89HDF\r\n\x1a\n", rng.randbytes(5000)])}
    )


def _not_a_zip(_: Parts, rng: random.Random, __: Path) -> bytes:
    return rng.choice(
        [b"", b"PK", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\xff" * 18, rng.randbytes(3000)]
    )


ARCHIVES: dict[str, Callable[[Parts, random.Random, Path], bytes]] = {
    change.__name__.strip("_"): change
    for change in (
        _flip,
        _flip_arrays,
        _flip_head_of_arrays,
        _cut,
        _cut_arrays,
        _drop,
        _names,
        _many,
        _link,
        _bomb,
        _links_inside,
        _loop,
        _external,
        _shapes,
        _types,
        _groups,
        _attributes,
        _not_hdf5,
        _not_a_zip,
    )
}


def read_case(path: Path, rebuild_too: bool) -> str:
    """Read one file in every way that `inspect` and the judge do; "read" or "refused: …"."""
    from autograder.architecture.inspect import inspect
    from autograder.architecture.source import read_file
    from autograder.errors import ArchitectureError

    try:
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(printed):
            inspect(path, svg=path.with_suffix(".svg"))
            inspect(path, as_json=True)
            inspect(path, expect="residual(n=2)")
        arch = read_file(path)
        for key in arch.weights:
            arch.weights[key]
        if rebuild_too:
            from autograder.architecture.rebuild import rebuild

            rebuild(arch.config, arch.weights or None)
    except ArchitectureError as error:
        message = str(error)
        return (
            f"refused: {message}"
            if len(message) > 15 and message.isprintable()
            else f"unclear: {message!r}"
        )
    return "read"


def work(
    seeds: Path, canary: Path, folder: Path, start: int, stop: int, seed: int, rebuild_too: bool
) -> None:
    """The worker: one line of JSON for each case."""
    if rebuild_too:
        import keras  # noqa: F401
    read_case(next(seeds.glob("net.keras")), rebuild_too)  # imports done before opens are watched
    watched: list[str] = []

    def watch(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and watched is not None and str(args[0]).startswith("/"):
            watched.append(str(args[0]))

    sys.addaudithook(watch)
    for number in range(start, stop):
        trick, ending, data = mangled(seeds, canary, number, seed)
        path = folder / f"case{ending}"
        path.write_bytes(data)
        os.utime(canary, (1, time.time()))
        watched.clear()
        print(json.dumps({"begin": number, "trick": trick}), flush=True)
        begin = time.perf_counter()
        try:
            result = read_case(path, rebuild_too)
        except Exception as error:  # the very thing that is counted here
            result = f"EXCEPTION {type(error).__name__}: {str(error)[:200]}"
        seconds = time.perf_counter() - begin
        allowed = (
            str(folder),
            sys.prefix,
            sys.base_prefix,
            str(Path(__file__).resolve().parents[1]),
        )
        touched = [name for name in watched if not name.startswith(allowed)]
        if touched or canary.stat().st_atime > 1:
            result = f"TOUCHED {touched or canary}"
        print(
            json.dumps({"case": number, "trick": trick, "result": result, "seconds": seconds}),
            flush=True,
        )


def run(
    cases: int, seed: int = 0, rebuild_too: bool = False, start: int = 0
) -> list[dict[str, Any]]:
    """Read that many mangled files, each in a worker that may die;
    a record of case, trick, result and seconds each.
    """
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for inner in ("seeds", "work", "outside"):
            (folder / inner).mkdir()
        subprocess.run(
            [sys.executable, __file__, "--write-seeds", str(folder / "seeds")], check=True
        )
        canary = folder / "outside" / "canary.h5"
        with h5py.File(canary, "w") as file:
            file["x"] = np.arange(8, dtype="u1")
        position, stop = start, start + cases
        while position < stop:
            arguments = [
                "--worker",
                str(folder),
                str(position),
                str(stop),
                str(seed),
                str(int(rebuild_too)),
            ]
            with subprocess.Popen(
                [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True
            ) as worker:
                for line in _lines(worker):
                    results += [line] if "case" in line else []
                    position = line.get("case", position - 1) + 1
                    trick = line["trick"]
                if position < stop:
                    how = "HANG" if worker.poll() is None else f"CRASH {worker.returncode}"
                    worker.kill()
                    results.append(
                        {"case": position, "trick": trick, "result": how, "seconds": float(SECONDS)}
                    )
                    position += 1
    return results


def _lines(worker: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What the worker says, until it ends or says nothing for too long."""
    assert worker.stdout is not None
    while True:
        ready, _, _ = select.select([worker.stdout], [], [], SECONDS * 3)
        line = worker.stdout.readline() if ready else ""
        if not line:
            return
        yield json.loads(line)


def main() -> None:
    """Print a table of what became of each trick;
    exit with 1 if anything else than reading or refusing happened.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--rebuild", action="store_true", help="rebuild what can be read, with Keras"
    )
    parser.add_argument("--write-seeds", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--worker", nargs=5, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.write_seeds:
        return write_seeds(chosen.write_seeds)
    if chosen.worker:
        folder = Path(chosen.worker[0])
        start, stop, seed, rebuild_too = map(int, chosen.worker[1:5])
        canary = folder / "outside" / "canary.h5"
        return work(folder / "seeds", canary, folder / "work", start, stop, seed, bool(rebuild_too))
    results = run(chosen.cases, chosen.seed, chosen.rebuild)
    table: dict[str, collections.Counter[str]] = {}
    for found in results:
        kind = found["result"].split(":")[0].split(" ")[0]
        table.setdefault(found["trick"].partition(":")[0], collections.Counter())[kind] += 1
    for trick, counts in sorted(table.items()):
        print(
            f"{trick:24}", ", ".join(f"{kind} {number}" for kind, number in sorted(counts.items()))
        )
    bad = [found for found in results if not found["result"].startswith(("read", "refused: "))]
    for found in bad:
        print(found)
    slow = max(results, key=lambda found: found["seconds"])
    print(
        f"{len(results)} cases, {len(bad)} bad, slowest {slow['seconds']:.2f} s ({slow['trick']})"
    )
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
