"""The dropout is a Gaussian one, of the same rate: another operation in training.
---
assignment = "functional_api"
hint_should_mention = 'another class'
[score]
sequential_to_functional = [0.8, 0.97]
[misconception]
sequential_to_functional = "other_kind_of_dropout"
---
"""
# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(16, 3, padding="same", activation="relu", kernel_initializer="he_normal", name="first")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.99, axis=3, epsilon=0.001, beta_initializer='zeros')(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(48, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.GaussianDropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
