"""The base is left trainable.
---
assignment = "transfer_learning"
hint_should_mention = 'freeze'
[score]
frozen_model = [0.5, 0.7]
[misconception]
frozen_model = "base_not_frozen"
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
    return model
