"""Names of types, keys, files in tracebacks and commands that are not run: all that a remark could repeat.
---
assignment = "residual_networks"
category = "markup"
[score]
conv_arithmetic = 0.0
inception_module = 0.0
---
"""
# %% conv_arithmetic
!<script>alert(1)</script><img src=x onerror=alert(2)>
%<svg/onload=alert(3)> {{ 7 * 7 }} {% include "/etc/passwd" %} ${7*7} <%= 7*7 %>
nasty = '"><img src=x onerror=alert(4)><script>alert(5)</script>{{ config }}'
Odd = type(nasty, (), {"__repr__": lambda self: nasty})


def output_size(*args):
    return Odd()


def conv_params(*args):
    return {nasty: nasty, "[x](javascript:alert(6))": [nasty]}


separable_conv_params = Odd()
# %% inception_module
code = "def fails(): raise ValueError('<script>alert(7)</script> [x](javascript:alert(8)) $\\\\href{javascript:alert(9)}{x}$')"
exec(compile(code, "<script>alert(10)</script>/\x1b[31m.py", "exec"))


def inception_module(*args):
    fails()


fails()
