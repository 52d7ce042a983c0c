"""Neither pooling nor flatten: one answer for each place of the grid.
---
assignment = "transfer_learning"
hint_should_mention = 'one vector an image'
[score]
frozen_model = [0.4, 0.8]
unfreeze_top = 0.0
[misconception]
frozen_model = "dense_on_feature_map"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
