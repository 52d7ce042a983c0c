"""Off by one: the named layer itself stays frozen.
---
assignment = "transfer_learning"
hint_should_mention = 'off by one'
[score]
unfreeze_top = [0.73, 0.74]
[misconception]
unfreeze_top = "named_layer_left_frozen"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place > start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
