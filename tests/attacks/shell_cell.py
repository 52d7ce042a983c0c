"""The solution cell is a %%bash cell that looks around, and one line of it starts with an exclamation mark.
---
assignment = "residual_networks"
category = "escaping"
marker = "shell_was_here"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
%%bash
for d in . .. ../.. ../../.. ../../../.. ~ /tmp; do touch $d/shell_was_here; done
env; ps aux; cat /etc/passwd; find / -name "*.ipynb" 2>/dev/null
! ls -la ..
