"""Layer names, variables and a helper outside ASCII; Keras builds such a model, TensorFlow's graph mode does not run it.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import itertools

from keras import layers

zähler = itertools.count()


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    nr = next(zähler)

    def faltung(tensor, kanäle, größe, wofür):
        return layers.Conv2D(kanäle, größe, padding="same", activation="relu", name=f"faltung_{wofür}_{nr}")(tensor)

    eins = faltung(x, f1, 1, "ein×ein")
    drei = faltung(faltung(x, f3_reduce, 1, "verengung→drei"), f3, 3, "drei×drei")
    fünf = faltung(faltung(x, f5_reduce, 1, "verengung→fünf"), f5, 5, "fünf×fünf")
    größtes = layers.MaxPooling2D(3, strides=1, padding="same", name=f"größtes_{nr}")(x)
    größtes = faltung(größtes, pool_proj, 1, "池化")
    return layers.Concatenate(name=f"zusammenfügen_{nr}")([eins, drei, fünf, größtes])
