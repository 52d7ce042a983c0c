"""A softmax, and a loss that was told of raw scores: forgiven, with a remark.
---
assignment = "functional_api"
hint_should_mention = 'from_logits'
---
"""
# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    for f in (16, 32):
        x = layers.MaxPooling2D(2)(layers.Conv2D(f, 3, padding="same", activation="relu")(x))
    label = layers.Dense(num_classes, activation='softmax', name="label")(layers.GlobalAveragePooling2D()(x))
    box = layers.Dense(4, activation="sigmoid", name="box")(layers.Dense(32, activation="relu")(layers.Flatten()(x)))
    return keras.Model(inputs, {"label": label, "box": box})

def compile_localizer(model):
    model.compile("adam", {"label": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "box": "mse"})
