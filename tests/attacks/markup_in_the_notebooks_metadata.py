"""Title, authors, widget states, attachments and kernel names of the notebook are pieces of HTML and JavaScript.
---
assignment = "residual_networks"
category = "markup"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    nasty = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>"
    notebook.metadata.update(
        title=nasty,
        authors=[{"name": nasty}],
        toc={"title_cell": nasty, "base_numbering": nasty},
        latex_envs={"user_envs_cfg": nasty},
        widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": {"model_name": nasty, "state": {"value": nasty}}}, "version_major": 2, "version_minor": 0}},
        kernelspec={"name": "python3", "display_name": nasty, "language": nasty},
        language_info={"name": nasty, "pygments_lexer": nasty, "codemirror_mode": nasty},
    )
    for number, cell in enumerate(notebook.cells):
        cell.metadata.update(tags=[nasty], name=nasty, slideshow={"slide_type": nasty}, collapsed=nasty)
        if cell.cell_type == "markdown":
            cell.attachments = {"x.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMyk+"}, nasty: {"text/html": nasty}}
            if number % 5 == 0:
                cell.source += f"\n\n![{nasty}](attachment:x.svg)"
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"# {nasty}\n[x](javascript:alert(4)) ![x](attachment:x.svg)"))
    notebook.cells.append(nbformat.v4.new_raw_cell(nasty, metadata={"format": "text/html", "raw_mimetype": "text/html"}))
    nbformat.write(notebook, folder / f"{name}.ipynb")
