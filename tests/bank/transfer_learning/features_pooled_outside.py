"""The features are pooled before they are stored, so the classifier expects vectors.
---
assignment = "transfer_learning"
hint_should_mention = 'pool'
[score]
feature_classifier = 0.0
fine_tuned = 0.0
[misconception]
feature_classifier = "pooled_outside"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    return keras.Sequential([keras.Input(feature_shape), layers.Dense(num_classes, activation="softmax")])


stored = base.predict(train.images, batch_size=60, verbose=0).mean(axis=(1, 2))
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(1e-2), loss="sparse_categorical_crossentropy")
trained_feature_classifier.fit(stored, train.labels, epochs=30, verbose=0)
