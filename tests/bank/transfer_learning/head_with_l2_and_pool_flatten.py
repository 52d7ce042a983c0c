"""Average pooling over the whole grid, flattened; the head's weights are held small.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = base(layers.RandomContrast(0.2)(layers.RandomFlip()(inputs)))
    x = layers.Flatten()(layers.AveragePooling2D(base.output_shape[1:3])(x))
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(num_classes, activation="softmax", kernel_regularizer=keras.regularizers.L2(1e-3))(x)
    model = keras.Model(inputs, x)
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
