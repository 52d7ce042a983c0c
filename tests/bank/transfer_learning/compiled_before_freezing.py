"""Compiled first and frozen after, but never fitted between: Keras reads the flags at the first step.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    base.trainable = False
    return model
