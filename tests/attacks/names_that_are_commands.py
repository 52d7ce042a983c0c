"""Files whose names are options, commands, markup, line ends, other alphabets, bytes that are no text, or very long.
---
assignment = "residual_networks"
category = "beside"
marker = "name_was_here"
---
"""
# %% (hand in)
import os

import nbformat


def hand_in(folder, name, notebook):
    nbformat.write(notebook, folder / f"{name}.ipynb")
    names = [
        "-rf", "--help", "$(touch name_was_here)", "`touch name_was_here`", "; touch name_was_here", "a\nb", "a\rb", "\x1b[2Jx", "\x07",
        "<img src=x onerror=alert(1)>.txt", "=HYPERLINK(1)", "\u202egpj.exe", "..\\..\\up.txt", "C:\\x", "CON", "nul.txt", "trailing ", ". ", "...",
        "~", "%2e%2e%2f", "\u00e9.txt", "e\u0301.txt", "\U0001f600" * 60, "x" * 255, "*.ipynb", "[a-z]?", "'\"", "{{7*7}}", ".nbgrader.log", ".git",
    ]
    for place in names:
        with open(folder / place, "w") as stream:
            stream.write("x")
    for raw in (b"\xff\xfe", b"latin_\xe9", b"\xc0\xaf"):
        os.close(os.open(os.path.join(os.fsencode(folder), raw), os.O_CREAT | os.O_WRONLY))
