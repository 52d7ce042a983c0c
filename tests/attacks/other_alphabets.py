"""Names, comments and texts in Greek, Cyrillic, Chinese and Arabic, with accents, ligatures and pictures; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
# Größe, размер, 大小, حجم, 🙂, ﬁ, e\u0301
def output_size(size, kernel, stride, padding):
    größe, шаг, 核, ﬁlter = size, stride, kernel, padding
    return -(-größe // шаг) if filter == "same" else (größe - 核) // шаг + 1


def conv_params(kernel, c_in, c_out, bias=True):
    """Anzahl der Parameter – «gezählt» – 🙂"""
    π = kernel * kernel * c_in
    return (π + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out


print("🙂 مرحبا \u202b123 𝕏 \U0010ffff")
