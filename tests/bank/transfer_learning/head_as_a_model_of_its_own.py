"""Augmentation and head are models of their own, defined outside of the function.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def augmentation():
    return keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomZoom(0.2), layers.RandomRotation(0.1)])


def head_for(num_classes):
    return keras.Sequential(
        [layers.GlobalAveragePooling2D(keepdims=True), layers.Flatten(), layers.Dropout(0.4),
         layers.Dense(num_classes), layers.Activation("softmax")],
        name="head",
    )


def build_frozen(base, num_classes):
    base.trainable = False
    images = keras.Input(shape=base.input_shape[1:], name="images")
    answer = head_for(num_classes)(base(augmentation()(images), training=False))
    model = keras.Model(inputs=images, outputs=answer)
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
