"""As Colab saves it: ids moved into the metadata, nbgrader's kept, forms and outputs of its own.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import json

import nbformat


def hand_in(folder, name, notebook):
    data = json.loads(nbformat.writes(notebook))
    for number, cell in enumerate(data["cells"]):
        cell["metadata"].update(id=cell.pop("id"), colab={"base_uri": "https://localhost:8080/", "height": 35}, cellView="form")
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": number, "metadata": {}, "data": {"application/vnd.google.colaboratory.intrinsic+json": {"type": "string"}, "text/plain": ["1"]}}]
            if not cell["metadata"].get("nbgrader"):
                cell["source"] = ["#@title A form { display-mode: \"form\" }\n", *cell["source"]]
    data["metadata"] = {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU", "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    data.update(nbformat=4, nbformat_minor=0)
    (folder / f"{name}.ipynb").write_text(json.dumps(data))
