"""Nothing between the two layers, so that they are one.
---
assignment = "starter"
[score]
build_model = 0.5
[misconception]
build_model = "relu_forgotten"
---
"""


# %% build_model
def build_model(features, classes):
    inputs = keras.Input((features,))
    x = layers.Dense(32)(inputs)
    return keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
