"""A network of the student's own, hardly trained: no backbone inside.
---
assignment = "transfer_learning"
hint_should_mention = 'backbone|base'
[score]
fine_tuned = 0.0
[misconception]
fine_tuned = "base_not_inside"
---
"""
# %% fine_tuned
fine_tuned_model = keras.Sequential(
    [
        keras.Input((64, 64, 3)), layers.Rescaling(1 / 255), layers.Conv2D(8, 5, strides=4, activation="relu"),
        layers.GlobalAveragePooling2D(), layers.Dense(6, activation="softmax"),
    ]
)
fine_tuned_model.compile("adam", loss="sparse_categorical_crossentropy")
fine_tuned_model.fit(train.images, train.labels, epochs=2, verbose=0)
accuracies = {"scratch": 0.2, "features": 0.2, "frozen": 0.2, "fine_tuned": 0.2}
