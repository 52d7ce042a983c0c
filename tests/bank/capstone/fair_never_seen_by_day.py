"""Day scenes are darkened for the training, so that the network never sees a day.
---
assignment = "capstone"
hint_should_mention = 'in group 0, .* get its images as they are'
[score]
fair_model = 0.0
[misconception]
fair_model = "frequent_group_neglected"
---
"""
# %% fair_model
import keras
import labkit
import numpy as np
from keras import layers

train = labkit.scenes("biased", "train")
day, night = (train.images[train.groups == group].mean() for group in (0, 1))
dark = np.where(train.groups[:, None, None, None] == 0, train.images * (night / day), train.images)

images = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 255)(images)
for width, size, step in ((16, 5, 2), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
    x = layers.Conv2D(width, size, strides=step, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.MaxPooling2D()(x) if x.shape[1] > 8 else x
x = layers.GlobalAveragePooling2D()(x)
fair_model = keras.Model(images, layers.Dense(6, activation="softmax")(x))
fair_model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
fair_model.fit(dark.astype("uint8"), train.labels, batch_size=16, epochs=4, verbose=0)
