"""A Rescaling in front of a base that rescales its pixels itself.
---
assignment = "transfer_learning"
hint_should_mention = 'raw pixels'
[score]
frozen_model = [0.9, 0.95]
[misconception]
frozen_model = "rescaled_twice"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(layers.Rescaling(1 / 255)(x))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
