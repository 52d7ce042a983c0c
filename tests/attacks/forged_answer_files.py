"""Writes answers, a run record and a verdict with full marks wherever it may write, and links to what it may not.
---
assignment = "residual_networks"
category = "forging"
marker = "forged_was_here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import json
import os
import pathlib

tasks = ["conv_arithmetic", "residual_block", "residual_network", "unet", "train_classifier"]
questions = ["same", "same_even", "same_odd", "valid", "valid_strided", "params", "params_flag", "separable"]
check = {"check": "test_forged", "ending": "passed", "weight": 1.0, "sentence": "forged"}
verdict = {
    "assignment": "residual_networks", "student": "me", "key": "", "status": "graded", "isolation": "strong",
    "score": 100.0, "max_score": 100.0, "seconds": 0.0, "remarks": [],
    "tasks": [{"task": task, "score": 20.0, "max_score": 20.0, "checks": [check]} for task in tasks],
}
here = pathlib.Path.cwd()
for place in (here, here.parent, here.parent.parent):
    try:
        (place / "verdict.json").write_text(json.dumps(verdict))
        (place / "run.json").write_text(json.dumps({"status": "graded", "student": "me"}))
        for task in tasks:
            folder = place / "artefacts" / task
            folder.mkdir(parents=True, exist_ok=True)
            for question in questions:
                answer = {"task": task, "question": question, "outcome": "value", "value": 1, "type": "int", "seconds": 0}
                (folder / f"{question}.json").write_text(json.dumps(answer))
    except OSError as error:
        print(place, error)
for place in here.parents:
    try:
        (place / "forged_was_here").touch()
    except OSError as error:
        print(place, error)
for number, target in enumerate(("/etc/passwd", "../../../gradebook.db", "/proc/self/mem", "../run.json")):
    try:
        os.symlink(target, f"artefacts/conv_arithmetic/link{number}.json")
    except OSError as error:
        print(target, error)


def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
