"""The cell ends at an import of what is not installed, before anything is trained.
---
assignment = "transfer_learning"
hint_should_mention = "your cell stopped with ModuleNotFoundError: the grading room does not have `lightning_for_keras`; it has Python's standard library, numpy"
[score]
feature_classifier = [0.0, 0.5]
fine_tuned = [0.0, 1.0]
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    x = inputs = keras.Input(feature_shape)
    x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


trained_feature_classifier = None
from lightning_for_keras import callbacks

stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy")
trained_feature_classifier.fit(stored, train.labels, epochs=30, callbacks=[callbacks.Best()], verbose=0)
