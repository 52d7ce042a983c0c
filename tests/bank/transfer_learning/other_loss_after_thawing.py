"""Compiled again with a loss of the student's own, twice as large.
---
assignment = "transfer_learning"
hint_should_mention = 'loss'
[score]
unfreeze_top = [0.93, 0.97]
[misconception]
unfreeze_top = "other_loss"
---
"""
# %% unfreeze_top
def doubled(labels, predictions):
    return 2 * keras.losses.sparse_categorical_crossentropy(labels, predictions)


def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=doubled, metrics=["accuracy"])
    return model
