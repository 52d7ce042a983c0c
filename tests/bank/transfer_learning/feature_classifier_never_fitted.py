"""A second model is fitted, and the one in the variable never is.
---
assignment = "transfer_learning"
hint_should_mention = 'which one does the variable hold'
[score]
feature_classifier = 0.5
fine_tuned = [0.0, 1.0]
[misconception]
feature_classifier = "never_fitted"
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
model = build_feature_classifier(stored.shape[1:], 6)
model.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(stored, train.labels, batch_size=32, epochs=3, verbose=0)
