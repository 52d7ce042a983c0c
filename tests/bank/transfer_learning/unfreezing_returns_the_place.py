"""The index of the layer is returned instead of the model.
---
assignment = "transfer_learning"
hint_should_mention = 'type int, no model'
[score]
unfreeze_top = [0.7, 0.98]
fine_tuned = [0, 1]
[misconception]
unfreeze_top = "not_the_model"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    """Let `layer_name` and all layers of the base after it train, batch norms excepted."""
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return start
