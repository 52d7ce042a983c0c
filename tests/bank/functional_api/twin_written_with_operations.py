"""Division, ReLU, reshaping and softmax as operations or layers of their own; names outside ASCII.
---
assignment = "functional_api"
---
"""

# %% sequential_to_functional
from keras import ops


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    entrée = keras.Input(shape=input_shape, name="entrée")
    x = entrée / 255.0
    x = layers.ZeroPadding2D(1)(x)
    x = layers.Activation("relu")(layers.Conv2D(16, (3, 3))(x))
    x = layers.MaxPool2D(pool_size=(2, 2), strides=2)(x)
    x = layers.Convolution2D(32, 3, 2, "same", use_bias=False, kernel_initializer="he_normal")(x)
    x = ops.relu(layers.BatchNormalization(axis=-1)(x))
    x = layers.Conv2D(48, 3)(x)
    x = keras.activations.relu(x)
    x = ops.max_pool(x, 2)
    x = layers.Reshape((-1,))(x)
    x = layers.Dropout(rate=0.3)(x)
    x = layers.Dense(num_classes)(x)
    return keras.Model(inputs=entrée, outputs=layers.Softmax(name="Klasse")(x), name="zwilling")
