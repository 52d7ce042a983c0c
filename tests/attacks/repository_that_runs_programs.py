"""A git repository beside the notebook whose hooks, filters and monitors run a program when somebody looks at its state.
---
assignment = "residual_networks"
category = "beside"
marker = "git_was_here"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    git = folder / ".git"
    for place in ("hooks", "objects", "refs/heads", "info"):
        (git / place).mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    program = "touch ../../../git_was_here; touch git_was_here"
    (git / "config").write_text(
        f'[core]\n\tfsmonitor = "{program}"\n\tsshCommand = "{program}"\n\tpager = "{program}"\n\teditor = "{program}"\n'
        f'\thooksPath = .\n[filter "x"]\n\tsmudge = "{program}"\n\tclean = "{program}"\n'
    )
    for hook in ("post-checkout", "pre-commit", "post-index-change"):
        (git / "hooks" / hook).write_text(f"#!/bin/sh\n{program}\n")
        (git / "hooks" / hook).chmod(0o755)
    (folder / ".gitattributes").write_text("* filter=x\n")
