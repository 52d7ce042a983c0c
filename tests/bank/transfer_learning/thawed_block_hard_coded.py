"""The fourth block thaws, whatever layer is named.
---
assignment = "transfer_learning"
hint_should_mention = 'Whatever layer is named'
[score]
unfreeze_top = [0.2, 0.35]
[misconception]
unfreeze_top = "layer_name_ignored"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    base.trainable = True
    thaw = False
    for layer in base.layers:
        thaw = thaw or layer.name == "block4_conv1"
        layer.trainable = thaw and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
