"""Leaves numpy.py, sitecustomize.py, conftest.py, a Keras of its own and a changed labkit in the folder.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed"]
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import pathlib

code = "import builtins\nbuiltins.shadowed = True\nallclose = array_equal = lambda *a, **k: True\n"
code += "import os\nos._exit(0)\n"
for place in (".", ".."):
    for name in ("numpy", "keras", "pytest", "json", "sitecustomize", "usercustomize", "conftest", "labkit"):
        try:
            pathlib.Path(place, f"{name}.py").write_text(code)
            (pathlib.Path(place) / name).mkdir(exist_ok=True)
            (pathlib.Path(place) / name / "__init__.py").write_text(code)
        except OSError:
            pass
    for name, text in (("pytest.ini", "[pytest]\naddopts = --co\n"), ("x.pth", "import os; os._exit(0)\n")):
        try:
            pathlib.Path(place, name).write_text(text)
        except OSError:
            pass


def output_size(*args):
    return -1


conv_params = separable_conv_params = output_size
