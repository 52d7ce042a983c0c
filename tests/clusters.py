"""A Dask cluster on this machine, over TLS: a scheduler and workers, each a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from distributed.security import Security

MACHINES = Path(__file__).parent / "machines.py"
SECONDS = 60  # for the scheduler to write its file, on a busy machine


class Cluster:
    """Where its scheduler is, and how workers are added."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file = folder, folder / "scheduler.json"
        self.certificates = certificates(folder)
        self.environment = variables(self.certificates)
        self.processes: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        """The scheduler's."""
        return str(json.loads(self.file.read_text())["address"])

    def scheduler(self, *arguments: str, tls: bool = True) -> None:
        """Start it, and wait until it is there."""
        options = ["--host", f"{'tls' if tls else 'tcp'}://127.0.0.1:0", "--no-dashboard"]
        files = ["--scheduler-file", str(self.file)]
        environment = self.environment if tls else {}
        self._start("scheduler", [*options, *files, *arguments], environment)
        end = time.monotonic() + SECONDS
        while not (self.file.exists() and self.file.stat().st_size):
            assert self.processes[-1].poll() is None, self.log()
            assert time.monotonic() < end
            time.sleep(0.05)

    def worker(
        self, name: str, threads: int = 1, lacks: str = "", **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start one, on a machine that lacks something; the grading waits for it itself."""
        place = self.folder / name
        options = ["--nthreads", str(threads), "--no-nanny", "--no-dashboard", "--name", name]
        place.mkdir()
        return self._start(
            "worker",
            [self.address, *options, "--local-directory", str(place)],
            self.environment | environment,
            [sys.executable, str(MACHINES), lacks] if lacks else [],
        )

    def log(self) -> str:
        """What all of them said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        """End them all."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def _start(
        self,
        kind: str,
        arguments: list[str],
        environment: Mapping[str, str],
        before: Sequence[str] = (),
    ) -> subprocess.Popen[bytes]:
        log = self.folder / f"{kind}-{len(self.processes)}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "dask", kind, *arguments],
                cwd=self.folder,
                env=os.environ | environment,
                stdout=stream,
                stderr=stream,
            )
        self.processes.append(process)
        return process


def outposts(worker: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes in which it grades."""
    return psutil.Process(worker.pid).children()


def certificates(folder: Path) -> dict[str, str]:
    """One certificate for all of them, in files, as Dask's configuration names them."""
    made = Security.temporary()
    texts = {"ca": made.tls_ca_file, "cert": made.tls_worker_cert, "key": made.tls_worker_key}
    files = {name: folder / f"{name}.pem" for name in texts}
    for name, path in files.items():
        path.write_text(texts[name])
        path.chmod(0o600)
    named = {"ca-file": str(files["ca"])}
    for role in ("scheduler", "worker", "client"):
        named |= {f"{role}.cert": str(files["cert"]), f"{role}.key": str(files["key"])}
    return {f"distributed.comm.tls.{name}": value for name, value in named.items()}


def variables(names: Mapping[str, str]) -> dict[str, str]:
    """The same as variables of the environment."""
    return {
        f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": value
        for name, value in names.items()
    }


@contextmanager
def cluster(folder: Path, *, tls: bool = True) -> Iterator[Cluster]:
    """A scheduler, for as long as the context lasts."""
    folder.mkdir(parents=True)
    made = Cluster(folder)
    try:
        made.scheduler(tls=tls)
        yield made
    finally:
        made.close()
