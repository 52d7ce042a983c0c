"""The labels are shuffled and the images are not.
---
assignment = "capstone"
hint_should_mention = 'belong together'
[score]
fair_model = 0.0
[misconception]
fair_model = "learnt_nothing"
---
"""
# %% fair_model
order = np.random.default_rng(0).permutation(len(train))
inputs = keras.Input((64, 64, 3))
x = layers.Conv2D(8, 5, strides=4, activation="relu")(layers.Rescaling(1 / 255)(inputs))
x = layers.GlobalAveragePooling2D()(x)
fair_model = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
fair_model.compile("adam", "sparse_categorical_crossentropy")
fair_model.fit(train.images[:2000], train.labels[order][:2000], batch_size=64, epochs=1, verbose=0)
