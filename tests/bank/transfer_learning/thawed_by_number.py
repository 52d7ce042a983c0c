"""The last four layers thaw, whatever layer is named.
---
assignment = "transfer_learning"
hint_should_mention = 'layer_name'
[score]
unfreeze_top = [0.8, 0.81]
[misconception]
unfreeze_top = "layer_name_ignored"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    for layer in base.layers[-4:]:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
