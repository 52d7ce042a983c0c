"""Every key of the notebook stands there twice, the first time with nothing in it.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (hand in)
import nbformat


def hand_in(folder, name, notebook):
    text = nbformat.writes(notebook).lstrip("{")
    twice = '{"cells": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0,'
    (folder / f"{name}.ipynb").write_text(twice + text, encoding="utf-8")
