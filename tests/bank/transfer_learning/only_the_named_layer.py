"""Only the named layer is unfrozen.
---
assignment = "transfer_learning"
hint_should_mention = 'Only the named layer trains'
[score]
unfreeze_top = [0.26, 0.28]
[misconception]
unfreeze_top = "only_named_layer"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    base.get_layer(layer_name).trainable = True
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss)
    return model
