"""Trained batch by batch with train_on_batch; dropout on the grid, pooling after it.
---
assignment = "transfer_learning"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    inputs = keras.Input(shape=feature_shape)
    x = layers.SpatialDropout2D(0.3)(inputs)
    x = layers.AveragePooling2D(pool_size=feature_shape[:2])(x)
    x = layers.Reshape((feature_shape[-1],))(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x), name="on_features")


stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
rng = np.random.default_rng(1)
for epoch in range(40):
    order = rng.permutation(len(stored))
    for start in range(0, len(stored), 24):
        rows = order[start : start + 24]
        trained_feature_classifier.train_on_batch(stored[rows], train.labels[rows])
