"""The notebook went through «save as Python» and back: one cell with everything, commands written out as calls.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "missing|lost its id"
---
"""
# %% (hand in)
import nbformat
from nbconvert import PythonExporter


def hand_in(folder, name, notebook):
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%matplotlib inline\n!pip install -q numpy"))
    source, _ = PythonExporter().from_notebook_node(notebook)
    one = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(one, folder / f"{name}.ipynb")
