"""The layers that are to train begin again from random kernels.
---
assignment = "transfer_learning"
hint_should_mention = 'other arrays in «deep_two», «top»'
[score]
unfreeze_top = [0.93, 0.97]
[misconception]
unfreeze_top = "base_weights_lost"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
        if layer.trainable and isinstance(layer, layers.Conv2D):
            layer.kernel.assign(keras.initializers.GlorotUniform()(layer.kernel.shape))
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
