"""A dropout of little and turns by little are not nothing; another dropout stands before the pooling.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomZoom(0.02)(layers.RandomRotation(0.02)(inputs))
    x = layers.SpatialDropout2D(0.02)(base(x))
    x = layers.Dropout(0.05)(layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
