"""A whole course of its own beside the notebook: settings, graders, gradebook, results and a feedback page.
---
assignment = "residual_networks"
category = "beside"
marker = "course_was_here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
# %% (hand in)
import json
import sqlite3

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    touch = "from pathlib import Path\nPath('course_was_here').touch()\n"
    for place, text in (
        ("course.toml", 'secret_seed = "mine"\nisolation = "none"\ngraders = "graders"\n'),
        ("nbgrader_config.py", touch),
        (f"graders/{name}/conv_arithmetic.py", touch),
        (f"graders/{name}/hints.toml", ""),
        (f"source/{name}/{name}.ipynb", nbformat.writes(notebook)),
        (f"runs/{name}/verdict.json", json.dumps({"score": 100.0, "max_score": 100.0, "status": "graded"})),
        (f"artefacts/conv_arithmetic/same.json", json.dumps({"outcome": "value", "value": 1})),
        (f"feedback/{name}.html", "<script>alert(1)</script>"),
        ("depends.json", "{}"),
        ("grades.csv", "student,score\nme,100\n"),
    ):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text)
    sqlite3.connect(folder / "gradebook.db").close()
