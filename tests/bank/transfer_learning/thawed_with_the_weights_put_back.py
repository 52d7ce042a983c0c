"""All weights are read before the flags change and written again afterwards: none is another.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    learnt = [weight.numpy() for weight in model.weights]
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.layers[-1].trainable = True
    for weight, before in zip(model.weights, learnt):
        weight.assign(before)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
