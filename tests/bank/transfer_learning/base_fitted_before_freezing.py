"""A step of training «to build the model» comes before the base is frozen.
---
assignment = "transfer_learning"
hint_should_mention = 'moved while your function ran'
[score]
frozen_model = [0.5, 0.65]
[misconception]
frozen_model = "base_moved_while_built"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.fit(np.zeros((4, *base.input_shape[1:])), np.zeros(4), verbose=0)
    base.trainable = False
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model
