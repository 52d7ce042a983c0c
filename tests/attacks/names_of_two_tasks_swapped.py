"""The ids of two tasks are swapped, so that the right answer to the easy one stands where the other is asked for.
---
assignment = "residual_networks"
category = "forging"
hint_should_mention = "conv_arithmetic|inception_module|not defined"
[score]
conv_arithmetic = [0.0, 1.0]
inception_module = 0.0
---
"""
# %% inception_module
def inception_module(*args):
    return None
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    by_task = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    one, other = by_task["conv_arithmetic"], by_task["inception_module"]
    one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id = "inception_module", "conv_arithmetic"
    one.id, other.id = other.id, one.id
    one.metadata.nbgrader.points = 10
    nbformat.write(notebook, folder / f"{name}.ipynb")
