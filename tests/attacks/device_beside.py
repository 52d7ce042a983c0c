"""A device beside the notebook that never comes to its end: zeros, or a pipe where devices can't be made.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "device|pipe|special|file"
---
"""
# %% (hand in)
import os
import stat

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "data").mkdir()
    for place in (folder / "zeros.bin", folder / "data" / "zeros.bin"):
        try:
            os.mknod(place, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
        except PermissionError:
            os.mkfifo(place)
