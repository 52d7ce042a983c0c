"""The dropout before the head drops a share of zero.
---
assignment = "transfer_learning"
hint_should_mention = 'rate 0'
[score]
frozen_model = [0.7, 0.97]
unfreeze_top = [0, 1]
fine_tuned = [0, 1]
[misconception]
frozen_model = "dropout_of_nothing"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    """Augmentation, the frozen base, and a head to train; compiled for integer labels."""
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = layers.RandomRotation(0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.0)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(
        optimizer=keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
