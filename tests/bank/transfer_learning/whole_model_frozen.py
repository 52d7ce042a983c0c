"""The flag is set on the model that was built, not on the base.
---
assignment = "transfer_learning"
hint_should_mention = 'nothing in its model trains, not even the head'
[score]
frozen_model = [0.5, 0.85]
unfreeze_top = [0.0, 0.3]
fine_tuned = [0, 1]
[misconception]
frozen_model = "head_frozen"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomTranslation(0.1, 0.1)(layers.RandomFlip("horizontal")(inputs))
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(base(x)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.trainable = False
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
