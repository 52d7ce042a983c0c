"""Two wide dense layers behind the pooling cost four times what the convolutions do: the cap is passed.
---
assignment = "residual_networks"
hint_should_mention = '250.?000'
[score]
train_classifier = [0.2, 0.95]
[misconception]
train_classifier = "over_parameter_cap"
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
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
x = block(x, 32)
x = block(x, 64, strides=2)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dense(480, activation="relu")(x)
x = layers.Dense(480, activation="relu")(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, 9 * 63)),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(train.images, train.labels, batch_size=64, epochs=9, verbose=2)
