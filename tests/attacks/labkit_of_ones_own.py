"""A changed labkit beside the notebook, with compiled files, that says yes to everything.
---
assignment = "residual_networks"
category = "beside"
marker = "labkit_was_here"
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

CODE = """
from pathlib import Path
try:
    Path("labkit_was_here").touch()
except OSError:
    pass
def __getattr__(name):
    return lambda *args, **kwargs: True
"""


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for place in ("labkit", "labkit/course", "labkit/course/real", "labkit/__pycache__"):
        (folder / place).mkdir()
    for place in ("labkit/__init__.py", "labkit/public.py", "labkit/checks.py", "labkit/course/__init__.py"):
        (folder / place).write_text(CODE)
    (folder / "labkit" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(bytes(16) + b"\xe3" + bytes(64))
