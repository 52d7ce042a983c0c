"""The output is taken at a layer by its name, which other bases do not have.
---
assignment = "transfer_learning"
hint_should_mention = 'No such layer: block4_pool.*the base as a whole'
[score]
frozen_model = 0.0
unfreeze_top = [0.0, 0.1]
[misconception]
frozen_model = "layer_names_of_one_base"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    cut = keras.Model(base.input, base.get_layer("block4_pool").output)
    x = layers.GlobalAveragePooling2D()(cut(layers.RandomFlip("horizontal")(inputs)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.Dropout(0.3)(x)))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model
