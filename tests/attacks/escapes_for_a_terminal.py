"""Sequences that clear, recolour or retitle a terminal, write to its clipboard, link, or type for whoever reads it.
---
assignment = "residual_networks"
category = "markup"
[score]
inception_module = 0.0
---
"""
# %% inception_module
nasty = (
    "\x1b[2J\x1b[H\x1b[31mall passed\x1b[8m \x1b]0;title\x07\x1b]52;c;cm0gLXJmIH4=\x07\x1b]8;;https://collect.example/\x07here\x1b]8;;\x07"
    "\x1bP$q q\x1b\\ \x1b[6n\x1b[c\x1b]1337;File=name=eA==:AAAA\x07\x9b31m\x90q\x9c\x1b#8\x1b[?1049h\x1bc\r\x08\x08\x08\x7f\x0e\x0f"
    "\u202e\u2066\u2067\u200f\u061c\ufeff\u2028\u2029\u0085\x0b\x0c"
)
print(nasty)
get_ipython().set_next_input(nasty)


def inception_module(*args):
    raise type("Error" + nasty, (ValueError,), {"__module__": nasty})(nasty * 20)
