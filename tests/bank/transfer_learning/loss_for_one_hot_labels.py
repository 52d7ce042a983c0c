"""categorical_crossentropy, but the labels are whole numbers.
---
assignment = "transfer_learning"
hint_should_mention = 'training with what build_frozen gave raised .*whole numbers'
[score]
frozen_model = [0.7, 0.85]
unfreeze_top = 0.0
[misconception]
frozen_model = "loss_needs_one_hot"
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
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
