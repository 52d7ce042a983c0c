"""The function has another name, so that what is to thaw its model waits for it.
---
assignment = "transfer_learning"
hint_should_mention = 'waits for «frozen_model»: «build_frozen» is not defined'
[score]
frozen_model = 0.0
unfreeze_top = 0.0
---
"""
# %% frozen_model
def build_frozen_model(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.GlobalAveragePooling2D()(base(layers.RandomFlip("horizontal")(inputs)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(layers.Dropout(0.3)(x)))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model
