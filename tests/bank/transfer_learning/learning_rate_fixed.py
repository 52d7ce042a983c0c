"""The rate is 1e-5 whatever was asked for.
---
assignment = "transfer_learning"
hint_should_mention = 'argument'
[score]
unfreeze_top = [0.9, 0.93]
[misconception]
unfreeze_top = "rate_without_default"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(1e-5), loss=model.loss, metrics=["accuracy"])
    return model
