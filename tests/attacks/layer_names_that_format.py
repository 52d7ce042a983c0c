"""Layer and model names that templates, format strings, drawings and shells would take for something to be worked out.
---
assignment = "residual_networks"
category = "markup"
allowed_status = ["graded", "needs_review"]
[score]
unet = [0.0, 0.5]
---
"""
# %% unet
import keras
from keras import layers

names = ["{0.__class__.__init__.__globals__}", "%s%n%s", "{{7*7}}", "$(touch x)", "`id`", "<!--", "]]>", "&amp;lt;", "a\nb", "x\x00y", "..", "CON", "𝕏" * 50, "\u202eelif"]


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    inputs = keras.Input(input_shape)
    x = inputs
    for name in names:
        layer = layers.Conv2D(base_filters, 3, padding="same")
        x = layer(x)
        layer._name = layer.name if False else name
    model = keras.Model(inputs, layers.Conv2D(num_classes, 1)(x))
    model._name = "</svg><script>alert(1)</script>"
    return model
