"""Modules beside the notebook with the names of those that the grader imports, and settings for whoever runs there.
---
assignment = "residual_networks"
category = "beside"
marker = "module_was_here"
---
"""
# %% (hand in)
import nbformat

CODE = "import os\nopen('module_was_here', 'w').close()\nallclose = array_equal = lambda *a, **k: True\nos._exit(0)\n"


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for module in ("numpy", "json", "nbformat", "sitecustomize", "usercustomize", "conftest", "pytest", "re", "setup", "ipython_config", "jupyter_config", "nbgrader_config", "nbconvert_config"):
        (folder / f"{module}.py").write_text(CODE)
    for package in ("keras", "tensorflow", "autograder", "IPython", "nbconvert", "nbgrader"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(CODE)
    for place, text in (
        ("pytest.ini", "[pytest]\naddopts = -p evil\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '--co'\n"),
        ("x.pth", "import os; os._exit(0)\n"),
        (".env", "LD_PRELOAD=./evil.so\nPYTHONPATH=.\n"),
        ("pyvenv.cfg", "home = .\n"),
        ("Makefile", "all:\n\ttouch module_was_here\n"),
    ):
        (folder / place).write_text(text)
