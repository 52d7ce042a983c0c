"""Heads that end in convolutions, sigmoids written out, losses of the student's own, as functions.
---
assignment = "functional_api"
---
"""

# %% localizer
from keras import ops


def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Conv2D(24, 5, strides=4, padding="same", activation="relu")(inputs / 255)
    label = layers.GlobalAveragePooling2D()(layers.Conv2D(num_classes, 1)(x))
    y = layers.BatchNormalization()(layers.Conv2D(24, 3, strides=2, padding="same")(x))
    y = layers.Conv2D(16, 3, padding="same", activation="relu")(layers.ReLU()(y))
    y = layers.Conv2D(4, y.shape[1:3])(y)
    corner, size = 1 / (1 + ops.exp(-y[:, 0, 0, :2])), layers.Dense(2, activation="sigmoid")(layers.Flatten()(y))
    return keras.Model(inputs, {"label": layers.Softmax()(label), "box": ops.concatenate([corner, size], axis=1)})


def likelihood(labels, shares):
    labels = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), "int32"), shares.shape[-1])
    return -ops.sum(labels * ops.log(shares + 1e-7), axis=-1)


def one_minus_overlap(boxes, found):
    low, high = ops.maximum(boxes[:, :2], found[:, :2]), ops.minimum(boxes[:, 2:], found[:, 2:])
    both = ops.prod(ops.maximum(high - low, 0.0), axis=1)
    area = ops.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + ops.prod(found[:, 2:] - found[:, :2], axis=1)
    return 1 - both / (area - both + 1e-6) + ops.mean(ops.abs(boxes - found), axis=1)


def compile_localizer(model):
    model.compile(optimizer="rmsprop", loss={"label": likelihood, "box": one_minus_overlap})
