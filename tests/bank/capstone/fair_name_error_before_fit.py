"""The cell stops at a misspelt name between building the model and fitting it.
---
assignment = "capstone"
hint_should_mention = "your cell stopped with NameError: name 'odds' is not defined"
[score]
fair_model = 0.0
---
"""
# %% fair_model
chance = np.where(train.groups == 1, 5.0, 1.0)
inputs = keras.Input((64, 64, 3))
x = layers.Conv2D(8, 5, strides=4, activation="relu")(layers.Rescaling(1 / 255)(inputs))
x = layers.GlobalAveragePooling2D()(x)
fair_model = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
fair_model.compile("adam", "sparse_categorical_crossentropy")
drawn = np.random.default_rng(1).choice(len(train), len(train), p=odds / odds.sum())
fair_model.fit(train.images[drawn], train.labels[drawn], batch_size=16, epochs=4, verbose=0)
