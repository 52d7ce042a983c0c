"""The function has another name, and the classifier's cell, which calls it as the task does, waits for it.
---
assignment = "transfer_learning"
hint_should_mention = "waits for «extract_features»: NameError"
[score]
extract_features = 0.0
feature_classifier = [0.0, 0.5]
fine_tuned = [0.0, 1.0]
---
"""
# %% extract_features
def extract_feature(base, images, batch_size=32):
    return base.predict(images, batch_size=batch_size, verbose=0)

# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    x = inputs = keras.Input(feature_shape)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


trained_feature_classifier = None
stored = extract_features(base, train.images)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy")
trained_feature_classifier.fit(stored, train.labels, epochs=30, verbose=0)
