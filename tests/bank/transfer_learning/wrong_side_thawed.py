"""What comes before the named layer trains, the rest is frozen.
---
assignment = "transfer_learning"
hint_should_mention = 'other way'
[score]
unfreeze_top = [0.61, 0.62]
[misconception]
unfreeze_top = "wrong_side_unfrozen"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place < start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
