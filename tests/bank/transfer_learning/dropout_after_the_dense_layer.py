"""The dropout deletes probabilities, not features.
---
assignment = "transfer_learning"
hint_should_mention = 'after the dense layer'
[score]
frozen_model = [0.8, 0.95]
unfreeze_top = [0, 1]
fine_tuned = [0, 1]
[misconception]
frozen_model = "dropout_after_dense"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomTranslation(0.1, 0.1)(layers.RandomFlip("horizontal")(inputs))
    x = layers.GlobalAveragePooling2D()(base(x))
    x = layers.Dense(num_classes, activation="softmax")(x)
    model = keras.Model(inputs, layers.Dropout(0.3)(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
