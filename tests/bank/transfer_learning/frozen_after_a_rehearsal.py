"""A rehearsal with a trainable base comes first; then its arrays are put back, and it is frozen.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    given = base.get_weights()
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomTranslation(0.1, 0.1)(layers.RandomFlip("horizontal")(inputs))
    x = layers.GlobalAveragePooling2D()(base(x))
    outputs = layers.Dense(num_classes, activation="softmax")(layers.Dropout(0.3)(x))
    model = keras.Model(inputs, outputs)
    settings = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]}
    model.compile("sgd", **settings)
    model.fit(np.zeros((4, *base.input_shape[1:])), np.zeros(4), verbose=0)
    base.set_weights(given)
    base.trainable = False
    model.compile(keras.optimizers.Adam(5e-3), **settings)
    return model
