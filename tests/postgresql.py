"""A PostgreSQL server of our own, as Debian packages it, on a socket in a folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

USER = "grader"
PASSWORD = "xyzzy 42"


def programs() -> Path | None:
    """The folder with initdb and the others; None where no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """A server that can be stopped, started again and asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._data = folder, folder / "data"
        password = quote(PASSWORD)
        self.url = f"postgresql+psycopg://{USER}:{password}@/gradebook?host={folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self.folder / "log"), "-w", "-o",
                  options, "start")  # fmt: skip

    def stop(self) -> None:
        """Stop it, whoever is connected."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def create(self) -> None:
        """Make the server's files, its user and an empty database."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "scram-sha-256",
                  f"--pwfile={secret}", "-E", "UTF8", "--no-locale", "--no-sync")  # fmt: skip
        self.start()
        self.ask("CREATE DATABASE gradebook", "postgres")

    def ask(self, question: str, database: str = "gradebook") -> list[tuple[object, ...]]:
        """The rows that a question gives, if it gives any."""
        with psycopg.connect(
            host=str(self.folder), user=USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            asked = connection.execute(question)
            return asked.fetchall() if asked.description else []

    def _run(self, program: str, *arguments: str) -> None:
        """As an ordinary user: the server refuses to be the super-user's."""
        place = programs()
        assert place is not None
        user = "postgres" if os.geteuid() == 0 else None
        with (self.folder / "said").open("w") as said:  # a pipe would be kept open by the server
            done = subprocess.run(
                [str(place / program), *arguments],
                check=False,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=user,
                group=user,
            )
        assert done.returncode == 0, [
            log.read_text() for log in self.folder.iterdir() if log.name in {"said", "log"}
        ]


@contextmanager
def serving() -> Iterator[Server]:
    """A server for as long as the context lasts, with an empty database `gradebook`."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Server(Path(folder))
        server.create()
        try:
            yield server
        finally:
            server.stop()
