"""A network as good as the others, trained on the scenes as they come.
---
assignment = "capstone"
hint_should_mention = 'scenes as they come'
[score]
fair_model = [0.35, 0.45]
[misconception]
fair_model = "rare_group_neglected"
---
"""
# %% fair_model
import keras
import labkit
from keras import layers

train = labkit.scenes("biased", "train")


def network(first):
    images = keras.Input((64, 64, 3))
    x = first(images)
    for width, size, step in ((16, 5, 2), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
        x = layers.Conv2D(width, size, strides=step, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D()(x) if x.shape[1] > 8 else x
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(images, layers.Dense(6, activation="softmax")(x))
    steps = 6 * len(train) // 16
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), "sparse_categorical_crossentropy"
    )
    return model


fair_model = network(lambda x: layers.Rescaling(1 / 127.5, offset=-1)(x))
fair_model.fit(train.images, train.labels, batch_size=16, epochs=6, verbose=0)
