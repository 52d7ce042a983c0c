"""What travels to a cluster and back: all that is needed, nothing else, unpacked with suspicion."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.bench import Bench, open_bench
from autograder.course import Course
from autograder.errors import RunRefused
from autograder.grading.parcels import pack_course, pack_job, pack_run, read_job, unpack
from autograder.grading.stages import Job, to_do

MOST = 1 << 20


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The toy course with settings of its own, and alice's submission."""
    found = toy_course(tmp_path / "course", 'isolation = "none"\ngraders = "hidden/here"\n')
    (found.root / "hidden").mkdir()
    (found.root / "graders").rename(found.root / "hidden" / "here")
    hand_in(found, "alice", {**RIGHT, "double": RIGHT["double"] + "\n# öäü"})
    return found


def archive(path: Path, pack: Callable[[io.BytesIO], None]) -> Path:
    stream = io.BytesIO()
    pack(stream)
    path.write_bytes(stream.getvalue())
    return path


def test_of_the_course_goes_what_grading_takes_and_nothing_else(
    course: Course, tmp_path: Path
) -> None:
    """No solution, submission, gradebook or password of a database; always the same bytes."""
    benches = [open_bench(course, "toy")]
    first = archive(tmp_path / "1.tar", lambda stream: pack_course(course, benches, stream))
    (course.root / "release" / "toy" / "toy.ipynb").touch()
    again = archive(tmp_path / "2.tar", lambda stream: pack_course(course, benches, stream))
    assert first.read_bytes() == again.read_bytes()
    unpack(first, tmp_path / "there", MOST)
    names = {path.relative_to(tmp_path / "there") for path in (tmp_path / "there").rglob("*.*")}
    assert {name.as_posix() for name in names if "labkit" not in name.parts} == {
        "course.toml",
        "graders/toy/double.py",
        "graders/toy/triple.py",
        "release/toy/toy.ipynb",
    }


def test_a_job_arrives_as_it_was(course: Course, tmp_path: Path) -> None:
    """The notebook to be run with its parts; and a stored run where only questions changed."""
    bench = open_bench(course, "toy")
    job, stored = travelled(bench, tmp_path / "1")
    assert job == to_do(bench, "alice")
    assert stored is None
    grade_here(course, "alice")
    grader = course.graders / "toy" / "triple.py"
    grader.write_text(grader.read_text().replace("((3,),)", "((30,),)"))
    bench = open_bench(course, "toy")
    job, stored = travelled(bench, tmp_path / "2")
    assert (job.due.do, job.due.tasks) == ("ask", ("triple",))
    assert stored is not None
    before = course.run_dir("toy", "alice") / "executed.ipynb"
    assert (stored / "executed.ipynb").read_bytes() == before.read_bytes()


def travelled(bench: Bench, place: Path) -> tuple[Job, Path | None]:
    job = to_do(bench, "alice")
    assert isinstance(job, Job)
    place.mkdir()
    (place / "parcel").write_bytes(pack_job(job, bench.run_dir("alice")))
    unpack(place / "parcel", place / "there", MOST)
    return read_job(place / "there")


def test_a_run_comes_home_file_by_file(course: Course, tmp_path: Path) -> None:
    """With its folders."""
    grade_here(course, "alice")
    run = course.run_dir("toy", "alice")
    unpack(
        archive(tmp_path / "run.tar", lambda stream: pack_run(run, stream)), tmp_path / "r", MOST
    )
    for path in run.rglob("*.*"):
        assert (tmp_path / "r" / path.relative_to(run)).read_bytes() == path.read_bytes()


def member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 3) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.size, found.linkname = kind, size, "run.json"
    return found


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ([member("../out.json")], "«../out.json» is no plain file"),
        ([member("/tmp/out.json")], "is no plain file"),
        ([member("a/../../out")], "is no plain file"),
        ([member("link", tarfile.SYMTYPE, 0)], "«link» is no plain file"),
        ([member("hard", tarfile.LNKTYPE, 0)], "«hard» is no plain file"),
        ([member("pipe", tarfile.FIFOTYPE, 0)], "«pipe» is no plain file"),
        ([member("disk", tarfile.BLKTYPE, 0)], "«disk» is no plain file"),
        ([member("folder", tarfile.DIRTYPE, 0)], "«folder» is no plain file"),
        ([member("large", size=MOST + 1)], "more bytes than a run may"),
        ([member(f"{n}", size=MOST // 2 + 1) for n in range(2)], "more bytes than a run may"),
        ([member("a", size=0)] * 2, "twice"),
        ([member("a", size=0), member("a/b", size=0)], "twice"),
        ([member("x" * 300, size=0)], "no plain file"),
    ],
)  # fmt: skip
def test_an_archive_that_holds_more_than_plain_files_is_refused(
    tmp_path: Path, members: list[tarfile.TarInfo], why: str
) -> None:
    """And writes nothing outside its folder."""
    with tarfile.open(tmp_path / "foreign.tar", "w") as tar:
        for one in members:
            tar.addfile(one, io.BytesIO(bytes(one.size)))
    with pytest.raises(RunRefused, match=why.replace("(", "\\(")):
        unpack(tmp_path / "foreign.tar", tmp_path / "inside" / "here", MOST)
    assert {path.name for path in tmp_path.iterdir()} <= {"foreign.tar", "inside"}
    assert {path.name for path in (tmp_path / "inside").glob("*")} <= {"here"}


@pytest.mark.parametrize("data", [b"", b"no archive", b"\0" * 100, b"x" * 2000])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    """So is one that ends in the middle."""
    (tmp_path / "foreign.tar").write_bytes(data)
    with pytest.raises(RunRefused, match="it is no archive"):
        unpack(tmp_path / "foreign.tar", tmp_path / "here", MOST)
    shutil.rmtree(tmp_path / "here", ignore_errors=True)
    with tarfile.open(tmp_path / "foreign.tar", "w") as tar:
        tar.addfile(member("a", size=5000), io.BytesIO(bytes(5000)))
    whole = (tmp_path / "foreign.tar").read_bytes()
    (tmp_path / "foreign.tar").write_bytes(whole[:3000])
    with pytest.raises(RunRefused, match="it is no archive"):
        unpack(tmp_path / "foreign.tar", tmp_path / "here", MOST)
