"""A cell at the top of the notebook ends the process, as people do in Colab to restart it; all the rest is right.
---
assignment = "residual_networks"
category = "exhausting"
hint_should_mention = "added|of your own|your own"
---
"""
# %% (added)
import os

os._exit(0)
