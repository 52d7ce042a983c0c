"""The pixels are divided by 255 outside the model, which then meets raw ones.
---
assignment = "residual_networks"
hint_should_mention = 'rescal|raw|255'
[score]
train_classifier = [0.53, 0.54]
[misconception]
train_classifier = "scaled_outside"
---
"""
# %% train_classifier
import keras
import labkit
from keras import layers


def block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))


train = labkit.scenes("shapes", "train")
inputs = keras.Input((64, 64, 3))
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(inputs)
x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
x = block(x, 32)
x = block(x, 64, strides=2)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, 8 * 63)),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(train.images.astype("float32") / 255, train.labels, batch_size=64, epochs=8, verbose=2)
