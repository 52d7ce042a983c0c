"""No dropout in the head.
---
assignment = "transfer_learning"
hint_should_mention = 'dropout'
[score]
frozen_model = [0.85, 0.9]
[misconception]
frozen_model = "dropout_missing"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
