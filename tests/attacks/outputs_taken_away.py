"""A cell at the top sends the log to a file and sets standard output and error to nothing; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
import logging
import sys

logging.basicConfig(filename="log.txt", level=0, force=True)
sys.stdout = sys.stderr = None
