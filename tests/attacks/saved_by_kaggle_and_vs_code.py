"""Metadata of Kaggle, of VS Code and of Databricks on each cell, with papermill's times and tags.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    for number, cell in enumerate(notebook.cells):
        cell.metadata.update(
            trusted=True, _uuid="8f2839f25d086af736a60e9eeb907d3b93b6e0e5", _cell_guid="b1076dfc", vscode={"languageId": "python"},
            papermill={"duration": 0.01, "status": "completed", "exception": False}, execution={"iopub.status.busy": "2026-01-01T00:00:00Z"},
        )
        cell.metadata["application/vnd.databricks.v1+cell"] = {"title": "", "showTitle": False, "nuid": f"{number}", "inputWidgets": {}}
        cell.metadata["scrolled"] = "true"
        cell.metadata["ExecuteTime"] = {"end_time": "yesterday"}
    notebook.metadata.update(kaggle={"accelerator": "nvidiaTeslaT4", "isGpuEnabled": True, "dataSources": []}, papermill={"version": "2.5"})
    notebook.metadata["kernelspec"] = {"name": "myenv", "display_name": "myenv (3.9.7)", "language": "python"}
    notebook.metadata["vscode"] = {"interpreter": {"hash": "aee8b7b246df8f9039afb4144a1f6fd8d2ca17a1"}}
    nbformat.write(notebook, folder / f"{name}.ipynb")
