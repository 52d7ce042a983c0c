"""The images are turned by an angle from zero to zero.
---
assignment = "transfer_learning"
hint_should_mention = 'factor of 0'
[score]
frozen_model = [0.8, 0.95]
unfreeze_top = [0, 1]
fine_tuned = [0, 1]
[misconception]
frozen_model = "augmentation_of_nothing"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = base(layers.RandomRotation(0.0)(inputs))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
