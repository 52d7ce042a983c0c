"""A clone of the base: the same layers with new random weights.
---
assignment = "transfer_learning"
hint_should_mention = 'copies'
[score]
frozen_model = [0.5, 0.65]
unfreeze_top = 0.0
[misconception]
frozen_model = "fresh_copy_of_base"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base = keras.models.clone_model(base)
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
