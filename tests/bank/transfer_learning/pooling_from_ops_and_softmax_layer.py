"""Pooling is ops.mean, softmax a layer of its own, dropout twice, names outside ASCII.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    bilder = keras.Input(base.input_shape[1:], name="bilder")
    x = layers.RandomBrightness(0.1, name="licht")(layers.RandomFlip("horizontal", name="spiegeln")(bilder))
    x = base(x, training=False)
    x = keras.ops.mean(x, axis=(1, 2))
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(num_classes, use_bias=False, name="kopf")(x)
    model = keras.Model(bilder, layers.Softmax(name="wahrscheinlichkeit")(x), name="eingefroren")
    model.compile(keras.optimizers.Nadam(5e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False))
    return model
