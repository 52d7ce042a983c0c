"""Links that lead to themselves, to each other and to the folder that they lie in, so that walking never ends.
---
assignment = "residual_networks"
category = "beside"
incident_should_mention = "link"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    for link, target in (("self", "self"), ("one", "other"), ("other", "one"), ("here", "."), ("up", "..")):
        (folder / link).symlink_to(target)
    (folder / "sub").mkdir()
    (folder / "sub" / "again").symlink_to("..", target_is_directory=True)
