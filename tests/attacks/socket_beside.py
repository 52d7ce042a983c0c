"""A socket beside the notebook, which no copy can be made of.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "socket|special|file"
---
"""
# %% (hand in)
import os
import socket

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "talk").mkdir()
    for place in (folder, folder / "talk"):
        handle = os.open(place, os.O_RDONLY)  # the whole path may be too long for a socket
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"/proc/self/fd/{handle}/here")
        os.close(handle)
