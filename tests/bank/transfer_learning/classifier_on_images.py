"""The classifier takes images: the base is inside.
---
assignment = "transfer_learning"
hint_should_mention = 'images'
[score]
feature_classifier = 0.0
fine_tuned = 0.0
[misconception]
feature_classifier = "classifier_on_images"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    base.trainable = False
    return keras.Sequential(
        [keras.Input((64, 64, 3)), base, layers.GlobalAveragePooling2D(), layers.Dense(num_classes, activation="softmax")]
    )


trained_feature_classifier = build_feature_classifier((64, 64, 3), 6)
trained_feature_classifier.compile("adam", loss="sparse_categorical_crossentropy")
trained_feature_classifier.fit(train.images[:64], train.labels[:64], epochs=1, verbose=0)
