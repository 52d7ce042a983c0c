"""A named list, box first; a tf.data pipeline, batches one by one, AdamW.
---
assignment = "functional_api"
---
"""

# %% train_localizer
import tensorflow as tf


def network():
    inputs = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(2)(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    for filters, pool in ((32, 1), (48, 2), (64, 2)):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(pool)(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    label = layers.Dense(6, activation="softmax", name="label")(layers.GlobalAveragePooling2D()(x))
    where = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    box = layers.Dense(4, activation="sigmoid", name="box")(where)
    return keras.Model(inputs, [box, label])


scenes = labkit.scenes("shapes", "train", n=4000)
rate = keras.optimizers.schedules.CosineDecay(0.0, 5 * len(scenes) // 16, warmup_target=2e-3, warmup_steps=100)

trained_localizer = network()
trained_localizer.compile(
    keras.optimizers.AdamW(rate, weight_decay=1e-4),
    loss={"label": "sparse_categorical_crossentropy", "box": "mse"},
    loss_weights={"label": 1, "box": 20},
)
data = tf.data.Dataset.from_tensor_slices((scenes.images, scenes.boxes, scenes.labels)).shuffle(4000, seed=1)
for _ in range(5):
    for images, boxes, labels in data.batch(16):
        trained_localizer.train_on_batch(images, {"box": boxes, "label": labels})
