"""Attacks and broken notebooks beside honest bystanders: half of the bank, and what is looked at
afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from answering import OWN

from autograder.errors import UsageError
from autograder.proofs.attacks import active, choose
from autograder.proofs.bank import read_attacks
from autograder.sample import lay_out

ENV = {**os.environ, "COLUMNS": "120"}
# They wait for a deadline, or fill what they can: nightly.
LONG = """
added_cell_exits added_cell_never_ends answers_replaced_by_links blanks_that_do_not_break
busy_in_c checks_copied_and_changed clock_and_files_patched closes_its_own_folder
conflict_in_a_cell deep_and_wide_folder deeply_nested_answer
endless_loop_that_ignores_interrupts error_of_a_gigabyte escapes_for_a_terminal
finds_the_submission_of_another fork_bomb_small formulas_for_a_spreadsheet
hidden_scenes_wanted hooks_into_ipython huge_values invisible_characters knots_of_models
laughs_a_billion_times long_sum lookup_by_caller markup_in_pictures_and_tables
markup_in_types_and_commands memory_bomb_when_asked memory_of_python_rewritten
memory_taken_by_children models_in_models names_by_the_thousand nested_brackets
never_answers os_exit_when_asked output_flood outputs_taken_away
patches_json_and_the_questioner predictions_without_a_model programs_of_the_super_user
prompts_pasted_in questions_are_kept quotes_of_a_word_processor
reads_graders_and_neighbours scratch_space_filled segmentation_fault several_notebooks
stops_itself syntax_error_in_one_task tabs_and_blanks takes_all_handles takes_all_threads
ten_thousand_layers text_without_an_end traces_the_questioner updates_without_end
weights_of_a_gigabyte weights_that_are_not_numbers
"""


def attacked(*arguments: str, cwd: Path = OWN.root) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own: it takes in what outlives others."""
    command = [sys.executable, "-m", "autograder", "attack", *arguments]
    return subprocess.run(command, cwd=cwd, env=ENV, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_half_of_the_bank_achieves_nothing(tmp_path: Path) -> None:
    """Every second of those that take no deadline; all of them run nightly."""
    names = [one.name for one in read_attacks(OWN.attacks) if one.name not in LONG.split()][::2]
    done = attacked(*names, "--json", str(tmp_path / "found.json"))
    found = json.loads((tmp_path / "found.json").read_text())
    wrong = {one["name"]: one["deviations"] for one in found if one["deviations"]}
    assert wrong == {}, done.stdout
    assert done.returncode == 0
    assert len(found) == len(names) + 1


RIGHT_ANSWER = '''"""The answer is right, and this says that it is not.
---
assignment = "residual_networks"
category = "forging"
marker = "left.txt"
incident_should_mention = "never said"
[score]
conv_arithmetic = 0.0
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    import nbformat, os, re, subprocess
    course = folder.parents[2]
    secret = re.search(r"canary-\\w+", (course / "course.toml").read_text())[0]
    notebook.cells.append(nbformat.v4.new_code_cell(f"print('{secret}')"))
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (course / "release" / name / "left.txt").touch()
    deep = os.open(folder, os.O_RDONLY)
    for _ in range(300):  # deeper than a path may be long
        os.mkdir(20 * "d", dir_fd=deep)
        deep = os.open(20 * "d", os.O_RDONLY, dir_fd=deep)
    subprocess.Popen(["sleep", "600"], start_new_session=True)
'''


@pytest.mark.slow
def test_what_an_attack_achieves_is_seen(tmp_path: Path) -> None:
    """Points, marks that it leaves, secrets that come back, what lives on, and an incident that
    nobody was told of: each a line, and exit status 1.
    """
    course = lay_out(OWN, tmp_path / "course", ["residual_networks"])
    shutil.rmtree(course.attacks)
    course.attacks.mkdir()
    (course.attacks / "right.py").write_text(RIGHT_ANSWER)
    before = set(Path(tempfile.gettempdir()).glob("attacks-*"))
    done = attacked(cwd=course.root)
    assert set(Path(tempfile.gettempdir()).glob("attacks-*")) <= before
    for line in (
        "right: false pass conv_arithmetic",
        "right: marker",
        "right: leak",
        "(all): survivor",
        "right: incident",
        "forging 1 0 10",
    ):
        assert line in " ".join(done.stdout.split())
    assert done.returncode == 1


def test_a_bank_without_attacks_is_an_error(tmp_path: Path) -> None:
    """Nobody is told that all is well where nothing was tried."""
    with pytest.raises(UsageError, match="there are no attacks in"):
        read_attacks(tmp_path)
    with pytest.raises(UsageError, match="there are no attacks in"):
        read_attacks(tmp_path / "missing")
    with pytest.raises(UsageError, match="did you mean «os_exit»"):
        choose(OWN, ["os_exitt"], [])


@pytest.mark.parametrize(
    "markup",
    [
        "<script>1</script>",
        "<p onclick=1>",
        "<a href=' java\nscript:1'>",
        "<img src=//example.org/x.png>",
        "<iframe></iframe>",
        "<svg><a href='data:text/html,x'></a></svg>",
        "<base href=x>",
    ],
)
def test_what_a_browser_would_run_is_active(tmp_path: Path, markup: str) -> None:
    """Or fetch from elsewhere, which tells who reads it."""
    (tmp_path / "page.html").write_text(f"<p>fine <img src='data:image/png;base64,'>{markup}")
    assert len(active(tmp_path / "page.html")) == 1


def test_what_is_harmless_is_not(tmp_path: Path) -> None:
    """A link that somebody has to follow, pictures in the page, escaped text."""
    text = "<a href='https://example.org'>x</a><img src='data:image/png;base64,'>&lt;script&gt;"
    (tmp_path / "page.html").write_text(text)
    assert active(tmp_path / "page.html") == []
    assert active(tmp_path / "none.html") == ["none.html is missing"]
