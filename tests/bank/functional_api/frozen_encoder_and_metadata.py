"""The twins' encoder never trains, and neither does what reads the metadata.
---
assignment = "functional_api"
hint_should_mention = 'trainable=False'
[score]
siamese = [0.68, 0.73]
two_inputs = [0.74, 0.79]
[misconception]
siamese = "branch_held_still"
two_inputs = "branch_held_still"
---
"""
# %% siamese
import keras
from keras import layers


def build_siamese(image_shape, embedding_dim):
    image = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(image)
    x = layers.MaxPooling2D(4)(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.GlobalAveragePooling2D()(x)
    encoder = keras.Model(image, layers.Dense(embedding_dim)(x), name="encoder")
    encoder.trainable = False
    left, right = keras.Input(image_shape, name="left"), keras.Input(image_shape, name="right")
    difference = keras.ops.abs(encoder(left) - encoder(right))
    return keras.Model([left, right], layers.Dense(1, activation="sigmoid")(difference))
# %% two_inputs
import keras
from keras import layers


def build_two_input(image_shape, metadata_dim, num_classes):
    image = keras.Input(image_shape, name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    metadata = keras.Input((metadata_dim,), name="metadata")
    y = layers.Dense(16, activation="relu", trainable=False, kernel_initializer="zeros")(metadata)
    both = layers.Dense(32, activation="relu")(layers.Concatenate()([x, y]))
    return keras.Model([image, metadata], layers.Dense(num_classes, activation="softmax")(both))
