"""Stored feature maps are flipped at random.
---
assignment = "transfer_learning"
hint_should_mention = 'augment'
[score]
feature_classifier = [0.85, 0.95]
[misconception]
feature_classifier = "augmentation_on_features"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    return keras.Sequential(
        [
            keras.Input(feature_shape),
            layers.RandomFlip("horizontal"),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.3),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_feature_classifier.fit(stored, train.labels, batch_size=32, epochs=60, verbose=0)
