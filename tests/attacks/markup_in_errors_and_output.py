"""HTML, JavaScript, terminal escapes, CSV formulas and workflow commands in output, error texts and layer names.
---
assignment = "residual_networks"
category = "markup"
[score]
inception_module = 0.0
unet = [0.0, 0.5]
---
"""
# %% inception_module
nasty = "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[2J\x1b]0;owned\x07 =HYPERLINK(\"http://x\") \u202egnol"
print(nasty)
print("::set-output name=score::100\n::add-mask::0")


def inception_module(*args):
    raise type("</td><script>alert(3)</script>", (ValueError,), {})(nasty + "\n" * 1000 + "{{ 7*7 }} {% raw %}")
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    inputs = keras.Input(input_shape, name="<svg onload=alert(4)>")
    x = layers.Conv2D(base_filters, 3, padding="same", name="</text><script>alert(5)<\\script>")(inputs)
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, name="=cmd|' \\C calc'!A0")(x), name="&lt;b&gt;\"'")
