"""Everything is set to train first, then the lower part and all batch norms are frozen again; RMSprop.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    base.trainable = True
    for layer in base.layers:
        layer.trainable = True
        if layer.name == layer_name:
            break
        layer.trainable = False
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=learning_rate), loss=model.loss)
    return model
