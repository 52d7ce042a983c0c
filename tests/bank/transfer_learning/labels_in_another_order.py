"""Features and labels were taken in two passes, one of them shuffled.
---
assignment = "transfer_learning"
hint_should_mention = 'same image|row'
[score]
feature_classifier = 0.5
fine_tuned = 1.0
[misconception]
feature_classifier = "learnt_nothing"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    return keras.Sequential(
        [
            keras.Input(feature_shape),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.3),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_feature_classifier.fit(stored, np.random.default_rng(3).permutation(train.labels), batch_size=32, epochs=30, verbose=0)
