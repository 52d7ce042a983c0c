"""No augmentation at all.
---
assignment = "transfer_learning"
hint_should_mention = 'random'
[score]
frozen_model = [0.85, 0.9]
[misconception]
frozen_model = "augmentation_missing"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = base(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
