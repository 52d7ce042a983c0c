"""Workflows, pipelines and job scripts: clean to their linters, and run here as they run there."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from begun import begun
from linting import lint
from toy import REPOSITORY, SCORES, hand_in, hand_in_all, totals, toy_course

from autograder.cli.main import main
from autograder.cli.new import PUSH
from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.starter import CI, new_ci, new_course

WORKFLOWS = sorted(CI.glob("github/.github/workflows/*.yml"))
OWN_WORKFLOWS = sorted(REPOSITORY.glob(".github/workflows/*.yml"))
PIPELINE = CI / "gitlab" / ".gitlab-ci.yml"
MANIFESTS = sorted(CI.glob("kubernetes/kubernetes/*.yaml"))
SCRIPTS = sorted(CI.glob("slurm/slurm/*.sh"))
LABELS = "self-hosted-runner:\n  labels: [gpu]\n"  # runners of one's own
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]  # as GitHub and GitLab call it


def test_workflows_are_workflows(tmp_path: Path) -> None:
    """By GitHub's schema, by what actionlint knows of expressions, actions and shell, and by what
    zizmor knows of holes: ours, and those that we hand out.
    """
    files = [*OWN_WORKFLOWS, *WORKFLOWS]
    assert len(files) >= 5
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    config = tmp_path / "actionlint.yaml"
    config.write_text(LABELS, encoding="utf-8")
    lint("actionlint", "-config-file", config, *files)
    lint("zizmor", "--offline", "--no-config", "--no-progress", *files)


def test_linters_find_what_is_wrong(tmp_path: Path) -> None:
    """So that a tool that says nothing at all would be noticed."""
    wrong = tmp_path / "wrong.yml"
    for tool, one, other in (
        (("actionlint",), "matrix.part", "matrx.part"),
        (("zizmor", "--offline"), "persist-credentials: false", "fetch-depth: 1"),
        (("check-jsonschema", "--builtin-schema", "vendor.github-workflows"), "runs-on", "runs"),
    ):
        text = WORKFLOWS[1].read_text(encoding="utf-8")
        assert one in text
        wrong.write_text(text.replace(one, other), encoding="utf-8")
        with pytest.raises(AssertionError, match=r"matrx|artipacked|runs"):
            lint(*tool, wrong)


def test_the_pipeline_is_a_pipeline() -> None:
    """By GitLab's schema."""
    lint("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", PIPELINE)


def test_manifests_are_jobs() -> None:
    """By Kubernetes' own description of the oldest version that knows all of it."""
    lint("kubernetes-validate", "--strict", "-k", "1.30", *MANIFESTS)


def test_scripts_are_sound(tmp_path: Path) -> None:
    """Slurm's, and what a pod runs."""
    lint("shellcheck", *SCRIPTS)
    (script := tmp_path / "pod.sh").write_text(command("grade.yaml")[-1], encoding="utf-8")
    lint("shellcheck", "--shell=bash", script)


def test_actions_are_pinned_alike() -> None:
    """Each action by the same commit everywhere, with its version beside it."""
    used: dict[str, set[str]] = {}
    for file in [*OWN_WORKFLOWS, *WORKFLOWS]:
        for name, pin in re.findall(r"uses: (\S+)@(.*)", file.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin), (file, pin)
            used.setdefault(name, set()).add(pin)
    assert {name: len(pins) for name, pins in used.items()} == dict.fromkeys(used, 1)


def test_who_runs_students_code_has_no_rights() -> None:
    """Neither the repository nor a secret; and nothing runs for strangers with the rights of the
    repository.
    """
    for file in WORKFLOWS:
        text = file.read_text(encoding="utf-8")
        workflow = yaml.safe_load(text)
        assert "pull_request_target" not in text
        assert "secrets." not in text
        for name, job in workflow["jobs"].items():
            reads = workflow["permissions"] | job.get("permissions", {})
            runs_code = "autograder grade" in str(job) or "autograder merge" in str(job)
            assert reads == ({} if runs_code else {"contents": "read"}), name


def test_templates_are_handed_out_and_never_overwrite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All four into one course, with what is to be installed. A second call changes nothing; where
    somebody has changed a file, it says so and makes nothing.
    """
    course = new_course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    for service in ("github", "gitlab", "slurm", "kubernetes"):
        with pytest.raises(SystemExit) as ended:
            main(["new", "ci", service])
        assert ended.value.code == 0
    for file in (".gitlab-ci.yml", "slurm/grade.sh", ".github/workflows/autograder-grade.yml"):
        assert (course.root / file).is_file()
    [wheel] = (course.root / "wheels").iterdir()
    asked = (course.root / "requirements.txt").read_text().splitlines()
    assert f"./wheels/{wheel.name}" in asked
    for package in ("tensorflow", "keras", "ml-dtypes"):
        assert f"{package}=={importlib.metadata.version(package)}" in asked
    assert not {"ruff", "mypy"} & {line.partition("==")[0] for line in asked}
    assert (course.root / "slurm" / "grade.sh").read_bytes() == SCRIPTS[1].read_bytes()
    before = sorted(course.root.rglob("*"))
    new_ci(course, "slurm")
    assert sorted(course.root.rglob("*")) == before
    (course.root / "slurm" / "gather.sh").unlink()
    (course.root / "slurm" / "grade.sh").write_text("mine")
    with pytest.raises(UsageError, match=r"slurm/grade\.sh is there already"):
        new_ci(course, "slurm")
    assert len(sorted(course.root.rglob("*"))) == len(before) - 1


def sh(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a service does, in a folder, with its variables."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [*BASH, script],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.slow
def test_a_slurm_array_grades_a_class(tmp_path: Path) -> None:
    """Three tasks, one of which was never started, and the closing job: everybody is graded. A
    wrong range of the array is refused with status 2.
    """
    course = toy_course(tmp_path)
    hand_in_all(course)
    new_ci(course, "slurm")
    slurm = {
        "SLURM_SUBMIT_DIR": str(course.root),
        "SLURM_CPUS_PER_TASK": "1",
        "SLURM_ARRAY_TASK_COUNT": "3",
    }
    for part in ("1", "3"):
        done = sh("bash slurm/grade.sh", course.root, **slurm, SLURM_ARRAY_TASK_ID=part)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not (course.root / "feedback").exists()
    done = sh("bash slurm/gather.sh", course.root, **slurm)
    assert done.returncode == 0, done.stdout + done.stderr
    assert totals(course) == SCORES
    assert (course.root / "results.json").is_file()
    wrong = sh("bash slurm/grade.sh", course.root, **slurm, SLURM_ARRAY_TASK_ID="7")
    assert wrong.returncode == 2
    assert "found '7/3'" in wrong.stderr


def command(manifest: str) -> list[str]:
    """What a pod runs."""
    job = yaml.safe_load((CI / "kubernetes" / "kubernetes" / manifest).read_text(encoding="utf-8"))
    [container] = job["spec"]["template"]["spec"]["containers"]
    found: list[str] = container["command"]
    return found


def pod(
    manifest: str, course: Course, **variables: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    """The command of a pod, begun as the first process of a pod is: by itself, in the course."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return begun(
        subprocess.Popen(
            command(manifest),
            cwd=course.root,
            env={**os.environ, "PATH": path, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    )


def test_a_job_has_as_many_parts_as_completions() -> None:
    """Two places that have to say the same; and the rules speak of the container that there is."""
    job = yaml.safe_load(MANIFESTS[1].read_text(encoding="utf-8"))["spec"]
    [container] = job["template"]["spec"]["containers"]
    [parts] = container["env"]
    assert parts == {"name": "PARTS", "value": str(job["completions"])}
    ignored, failed = job["podFailurePolicy"]["rules"]
    assert (ignored["action"], failed["action"]) == ("Ignore", "FailIndex")
    assert failed["onExitCodes"]["values"] == [2, 3]
    assert failed["onExitCodes"]["containerName"] == container["name"]
    assert job["backoffLimitPerIndex"] > 0


@pytest.mark.slow
def test_an_indexed_job_grades_a_class(tmp_path: Path) -> None:
    """Its indices begin at 0; who waits for a person (status 1) makes no index fail, a wrong set-up
    does.
    """
    course = toy_course(tmp_path)
    hand_in_all(course)
    hand_in(course, "broken").write_text("{")
    ended = []
    for index in range(2):
        with pod("grade.yaml", course, JOB_COMPLETION_INDEX=str(index), PARTS="2") as call:
            said = call.communicate(timeout=300)[0]
        ended.append(call.returncode)
    assert ended == [0, 0], said
    with pod("gather.yaml", course) as call:
        said = call.communicate(timeout=300)[0]
    assert call.returncode == 1, said
    assert totals(course) == {**SCORES, "broken": 0}
    with pod("grade.yaml", course, JOB_COMPLETION_INDEX="5", PARTS="2") as call:
        call.communicate(timeout=300)
    assert call.returncode == 2


@pytest.mark.slow
def test_a_pod_that_is_asked_to_end_keeps_what_is_finished(tmp_path: Path) -> None:
    """SIGTERM goes through to the program: status 130, which another try makes good."""
    course = toy_course(tmp_path)
    hand_in(course, "endless", {"double": "while True:\n    pass"})
    with pod("grade.yaml", course, JOB_COMPLETION_INDEX="0", PARTS="1") as call:
        until = time.monotonic() + 120
        while not list(course.runs.glob("toy/.endless*/artefacts")):
            assert call.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        call.send_signal(signal.SIGTERM)
        said = call.communicate(timeout=60)[0]
    assert call.returncode == 130, said
    assert "stopping; what is finished is kept" in said


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A course as its service keeps it: submissions on a branch of their own."""
    course = toy_course(tmp_path / "course")
    course.gradebook.unlink()
    hand_in_all(course)
    (course.root / "submitted").rename(tmp_path / "submitted")
    git(course.root, "init", "--quiet", "--initial-branch=main")
    git(course.root, "add", ".")
    git(course.root, "commit", "--quiet", "--message=course")
    git(course.root, "remote", "add", "origin", ".")
    (tmp_path / "submitted").rename(course.root / "submitted")
    assert PUSH in (REPOSITORY / "docs" / "operator.md").read_text()
    pushed = sh(PUSH, course.root, **WHO)
    assert pushed.returncode == 0, pushed.stderr
    shutil.rmtree(course.root / "submitted")
    return course.root


WHO = {
    f"GIT_{role}_{what}": said
    for role in ("AUTHOR", "COMMITTER")
    for what, said in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
}


def git(folder: Path, *arguments: str | Path) -> None:
    command = ["git", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, env={**os.environ, **WHO})


def test_a_class_is_pushed_past_what_one_works_on(tmp_path: Path) -> None:
    """Folder and branch stay as they are, and a newer class is pushed in the same way."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    (tmp_path / ".gitignore").write_text("/submitted/\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=course")
    git(tmp_path, "remote", "add", "origin", ".")
    for student in ("alice", "bob"):
        (tmp_path / "submitted" / student).mkdir(parents=True)
        (tmp_path / "submitted" / student / "toy.ipynb").touch()
        pushed = sh(PUSH, tmp_path, **WHO)
        assert pushed.returncode == 0, pushed.stderr
        shutil.rmtree(tmp_path / "submitted" / student)
    listed = sh("git status --porcelain --branch; git ls-tree -r --name-only submissions", tmp_path)
    assert listed.stdout == "## main\nsubmitted/bob/toy.ipynb\n"


@pytest.mark.slow
def test_a_pipeline_grades_a_class(repository: Path, tmp_path: Path) -> None:
    """Each job in a folder of its own, with the artifacts of those before it: two parts, merged."""
    jobs = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))
    assert jobs["grade"]["parallel"] > 1
    parts = tmp_path / "artifacts" / "parts"
    for number in ("1", "2"):
        job = tmp_path / f"job{number}"
        git(tmp_path, "clone", "--quiet", "--single-branch", repository, job)
        variables = {"CI_NODE_INDEX": number, "CI_NODE_TOTAL": "2"}
        done = sh("\n".join(jobs["grade"]["script"]), job, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (job / jobs["grade"]["artifacts"]["reports"]["junit"]).is_file()
        assert sh("\n".join(jobs["grade"]["after_script"]), job, **variables).returncode == 0
        shutil.copytree(job / "parts", parts, dirs_exist_ok=True)
    git(tmp_path, "clone", "--quiet", "--single-branch", repository, tmp_path / "merge")
    shutil.copytree(parts, tmp_path / "merge" / "parts")
    done = sh("\n".join(jobs["merge"]["script"]), tmp_path / "merge")
    assert done.returncode == 0, done.stdout + done.stderr
    assert totals(find_course(tmp_path / "merge")) == SCORES
    for path in jobs["merge"]["artifacts"]["paths"]:
        assert list((tmp_path / "merge").glob(path)), path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autograder-grade.yml", "autograder-gpu.yml"])
def test_a_workflow_grades_a_class(name: str, repository: Path, tmp_path: Path) -> None:
    """Step by step, but for what installs: its actions fetch and carry, each job in a folder of its
    own; what comes home at the end is gradebook, feedback, report and results.
    """
    workflow = yaml.safe_load(
        (CI / "github" / ".github" / "workflows" / name).read_text(encoding="utf-8")
    )
    store = tmp_path / "store"
    for title, job in workflow["jobs"].items():
        for part in (1, 2) if "strategy" in job else (1,):
            place = tmp_path / f"{title}{part}"
            place.mkdir()
            known = {"matrix.part": str(part), "strategy.job-total": "2"}
            work(job, known, repository, store, place)
    home = tmp_path / "home"
    home.mkdir()
    graded = store / "graded" / "graded.tar.gz"
    subprocess.run(["tar", "-xzf", graded, "-C", home], check=True)
    assert {"gradebook.db", "feedback", "results.json", "runs"} <= {x.name for x in home.iterdir()}
    assert totals(Course(home)) == SCORES


def work(
    job: dict[str, Any], known: dict[str, str], repository: Path, store: Path, place: Path
) -> None:
    """The steps of a job, as a runner does them."""

    def told(value: object) -> str:
        return re.sub(r"\$\{\{ ([^}]*) \}\}", lambda found: known[found[1]], str(value))

    for step in job["steps"]:
        action = step.get("uses", "").partition("@")[0]
        given = {key: told(value) for key, value in step.get("with", {}).items()}
        if action == "actions/checkout":
            branch = given.get("ref", "main")
            git(place, "clone", "--quiet", "--branch", branch, repository, given["path"])
        elif action == "actions/upload-artifact":
            (store / given["name"]).mkdir(parents=True)
            shutil.copy(place / given["path"], store / given["name"])
        elif action == "actions/download-artifact" and "pattern" in given:
            for one in store.glob(given["pattern"]):
                shutil.copytree(one, place / given["path"] / one.name)
        elif action == "actions/download-artifact":
            shutil.copytree(store / given["name"], place, dirs_exist_ok=True)
        elif "run" in step and not re.search("sudo|pip install|-m venv|doctor", step["run"]):
            env = {name: told(value) for name, value in job.get("env", {}).items()}
            done = sh(step["run"].replace(".venv/bin/", ""), place, **env)
            assert done.returncode == 0, done.stdout + done.stderr
