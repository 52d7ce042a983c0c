"""The batch norms before the named layer train: a flag that was meant for those after it.
---
assignment = "transfer_learning"
hint_should_mention = 'batch.norm'
[score]
unfreeze_top = [0.69, 0.7]
[misconception]
unfreeze_top = "batch_norm_moved"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = (place >= start) != isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
