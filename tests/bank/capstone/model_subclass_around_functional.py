"""A Model subclass that hands its inputs and outputs to keras.Model; names outside ASCII.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


class Netz(keras.Model):
    def __init__(self, input_shape, num_classes):
        bild = keras.Input(input_shape, name="bild")
        x = layers.RandomFlip(name="spiegeln")(bild)
        x = layers.Rescaling(1 / 255)(x)
        x = layers.SeparableConv2D(16, 5, strides=4, padding="same", name="größer")(x)
        x = layers.BatchNormalization(name="gleichmäßig")(x)
        x = layers.LeakyReLU()(x)
        x = layers.SeparableConv2D(32, 3, strides=2, padding="same")(x)
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Conv2D(num_classes, 1)(x)
        super().__init__(inputs=bild, outputs=layers.Softmax()(layers.Flatten()(x)))


def build_model(input_shape, num_classes):
    return Netz(input_shape, num_classes)
