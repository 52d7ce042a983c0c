"""The base is called on black images first, in inference mode, to see how wide its output is.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    for layer in base.layers:
        layer.trainable = False
    look = base(np.zeros((1, *base.input_shape[1:]), dtype="float32"), training=False)
    assert len(look.shape) == 4
    augmented = keras.Sequential(
        [keras.Input(base.input_shape[1:]), layers.RandomFlip("horizontal"), layers.RandomZoom(0.1)]
    )
    x = layers.GlobalAveragePooling2D()(base(augmented.outputs[0]))
    x = layers.Dense(num_classes, activation="softmax")(layers.Dropout(0.4)(x))
    model = keras.Model(augmented.inputs[0], x)
    model.compile(keras.optimizers.Nadam(2e-3), keras.losses.SparseCategoricalCrossentropy())
    return model
