"""Links beside the notebook lead to the gradebook, the neighbours, the graders and the machine's own files.
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
    for number, target in enumerate(
        ("../../../gradebook.db", "../../../course.toml", "../../../source", "../..", "/etc/passwd", "/proc/self/environ", "/", "../../../runs", "nowhere")
    ):
        (folder / f"data{number}.db").symlink_to(target)
    (folder / "more" / "deeper").mkdir(parents=True)
    (folder / "more" / "deeper" / "data.db").symlink_to("../../../../../gradebook.db")
    (folder / "more" / "graders").symlink_to("../../../../graders")
