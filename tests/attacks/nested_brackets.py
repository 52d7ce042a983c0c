"""A hundred thousand brackets in one another, which no parser follows to the end.
---
assignment = "residual_networks"
category = "exhausting"
hint_should_mention = "nested|parenthes|SyntaxError|MemoryError|Recursion"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "conv_arithmetic":
            cell.source += "\n" + "[" * 100_000 + "]" * 100_000
    nbformat.write(notebook, folder / f"{name}.ipynb")
