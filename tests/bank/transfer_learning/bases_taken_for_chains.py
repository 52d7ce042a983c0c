"""The base's layers are called one after the other: right for a chain, not where a base branches.
---
assignment = "transfer_learning"
hint_should_mention = 'Add.*branches and meets again'
[score]
extract_features = [0.8, 0.9]
frozen_model = [0.9, 0.95]
unfreeze_top = [0.9, 0.95]
[misconception]
extract_features = "base_taken_for_a_chain"
frozen_model = "base_taken_for_a_chain"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    parts = []
    for start in range(0, len(images), batch_size):
        x = images[start : start + batch_size].astype("float32")
        for layer in base.layers[1:]:
            x = layer(x, training=False) if isinstance(layer, layers.BatchNormalization) else layer(x)
        parts.append(np.asarray(x))
    return np.concatenate(parts)

# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomZoom(0.1)(layers.RandomFlip("horizontal")(inputs))
    for layer in base.layers[1:]:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
