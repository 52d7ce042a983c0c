"""The head begins again from random weights when the base is unfrozen.
---
assignment = "transfer_learning"
hint_should_mention = 'weights changed'
[score]
unfreeze_top = [0.9, 0.99]
fine_tuned = [0, 1]
[misconception]
unfreeze_top = "weights_lost"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    head = model.layers[-1]
    head.kernel.assign(keras.initializers.GlorotUniform()(head.kernel.shape))
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
