"""Pooling by ops.mean, a hidden layer, logits and softmax as a layer, AdamW.
---
assignment = "transfer_learning"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    inputs = keras.Input(feature_shape, name="stored_features")
    x = keras.ops.mean(inputs, axis=[1, 2])
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.Dense(48)(x)
    x = layers.LeakyReLU()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inputs, layers.Softmax()(layers.Dense(num_classes)(x)))


stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.AdamW(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_feature_classifier.fit(stored, train.labels, batch_size=32, epochs=30, verbose=0)
