"""Weight decay in the trunk, outputs in a dictionary, losses by name with metrics as lists of objects.
---
assignment = "functional_api"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    def conv(filters, x):
        x = layers.Conv2D(filters, 3, padding="same", kernel_regularizer="l2", kernel_initializer="he_uniform")(x)
        return layers.LeakyReLU()(layers.GroupNormalization(4)(x))

    inputs = keras.Input(image_shape)
    x = layers.GaussianNoise(0.05)(layers.Rescaling(1 / 127.5, -1)(inputs))
    shared = layers.MaxPooling2D(4)(conv(16, x))
    x = layers.MaxPooling2D(2)(conv(16, conv(16, shared)))
    box = layers.Dense(4, "sigmoid")(layers.Dense(32, "relu")(layers.Flatten()(layers.Dropout(0.1)(x))))
    label = layers.Dense(num_classes, "softmax")(layers.Dropout(0.5)(layers.GlobalMaxPooling2D()(conv(32, shared))))
    return keras.Model(inputs=inputs, outputs=dict(label=label, box=layers.Reshape((4,))(box)))


def compile_localizer(model):
    losses = dict(label=keras.losses.sparse_categorical_crossentropy, box=keras.losses.mean_absolute_error)
    model.compile(
        optimizer=keras.optimizers.AdamW(1e-3, clipnorm=1.0),
        loss=losses,
        loss_weights=dict(box=10, label=1),
        metrics=dict(label=[keras.metrics.SparseCategoricalAccuracy()], box=[keras.metrics.MeanAbsoluteError()]),
    )
