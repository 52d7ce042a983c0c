"""A plain network of its own whose scenes are flipped in the data set, `dataset.map`: the place is open.
---
assignment = "capstone"
---
"""
# %% fair_model
import tensorflow as tf

night_share, rounds, batch_size = 0.25, 5, 16
chance = np.where(train.groups == 1, night_share / (train.groups == 1).sum(), (1 - night_share) / (train.groups == 0).sum())
drawn = np.random.default_rng(7).choice(len(train), rounds * len(train), p=chance)
flip = layers.RandomFlip("horizontal_and_vertical")
batches = tf.data.Dataset.from_tensor_slices(drawn).map(
    lambda place: (tf.gather(train.images, place), tf.gather(train.labels, place))
)
batches = batches.batch(batch_size).map(lambda images, labels: (flip(images), labels)).prefetch(tf.data.AUTOTUNE)

pixels = keras.Input((64, 64, 3))
x = layers.GroupNormalization(groups=1, center=False, scale=False)(pixels)
for filters, kernel, strides in ((16, 5, 2), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.MaxPooling2D()(x) if x.shape[1] > 8 else x
fair_model = keras.Model(pixels, layers.Dense(6, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
fair_model.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, len(drawn) // batch_size)),
    loss="sparse_categorical_crossentropy",
)
fair_model.fit(batches, verbose=2)
