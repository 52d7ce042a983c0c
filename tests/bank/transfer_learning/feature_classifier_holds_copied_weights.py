"""One model is fitted, and another one, never compiled, is given its weights.
---
assignment = "transfer_learning"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    x = inputs = keras.Input(feature_shape)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


stored = base.predict(train.images, batch_size=60, verbose=0)
rehearsal = build_feature_classifier(stored.shape[1:], 6)
rehearsal.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy")
rehearsal.fit(stored, train.labels, batch_size=32, epochs=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.set_weights(rehearsal.get_weights())
