"""One Sequential with the augmentation as a Sequential inside; the call says training=False nowhere.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    for layer in base.layers:
        layer.trainable = False
    base.trainable = False
    model = keras.Sequential(
        [
            keras.Input(base.input_shape[1:]),
            keras.Sequential([layers.RandomFlip("horizontal_and_vertical"), layers.RandomRotation(0.2)], name="augmentation"),
            base,
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(num_classes, activation=keras.activations.softmax),
        ]
    )
    model.compile(optimizer="rmsprop", loss=keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    return model
