"""A zip beside the notebook that is ninety megabytes when unpacked, with names that climb, and one in it.
---
assignment = "residual_networks"
category = "beside"
---
"""
# %% (hand in)
import zipfile

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    with zipfile.ZipFile(folder / "images.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"image{number}.raw", bytes(3 * 2**20))
        archive.writestr("../../../gradebook.db", b"forged")
        archive.writestr("/tmp/forged.txt", b"forged")
        archive.writestr(f"{name}.ipynb", b"{}")
    (folder / "images.tar.gz").write_bytes(b"\x1f\x8b\x08" + bytes(64))
