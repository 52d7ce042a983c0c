"""The batch norm has another epsilon, which shows in its numbers.
---
assignment = "functional_api"
hint_should_mention = '«batch_normalization» has another epsilon$|«batch_normalization» has another epsilon '
[score]
sequential_to_functional = [0.8, 0.95]
[misconception]
sequential_to_functional = "other_settings"
---
"""
# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(epsilon=1e-5)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(48, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
