"""The folder that was handed in is a link to the folder of somebody else.
---
assignment = "residual_networks"
category = "beside"
allowed_status = ["unreadable", "missing"]
incident_should_mention = "link"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    others = sorted(path for path in folder.parent.parent.glob(f"*/{name}") if path.parent != folder.parent)
    target = others[0] if others else folder.parent.parent.parent / "source" / name
    folder.rmdir()
    folder.symlink_to(target, target_is_directory=True)
