"""The whole base is unfrozen, whatever the name says.
---
assignment = "transfer_learning"
hint_should_mention = 'freeze'
[score]
unfreeze_top = [0.73, 0.74]
[misconception]
unfreeze_top = "unfreezes_everything"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    for layer in base.layers:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    base.trainable = True
    for layer in base.layers:
        layer.trainable = not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss)
    return model
