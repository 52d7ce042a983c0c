"""A layer of the student's own holds the frozen base and calls it in inference mode.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
class Frozen(layers.Layer):
    def __init__(self, base, **kwargs):
        super().__init__(**kwargs)
        base.trainable = False
        self.base = base

    def call(self, x):
        return self.base(x, training=False)


def build_frozen(base, num_classes):
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = Frozen(base)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(1e-2), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
