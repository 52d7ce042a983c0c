"""Layers were frozen one by one; base.trainable = True then changes nothing.
---
assignment = "transfer_learning"
hint_should_mention = 'flag'
[score]
unfreeze_top = [0.0, 0.0]
[misconception]
unfreeze_top = "nothing_unfrozen"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    for layer in base.layers:
        layer.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = base(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    base.trainable = True
    start = [layer.name for layer in base.layers].index(layer_name)
    for layer in base.layers[:start]:
        layer.trainable = False
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss)
    return model
