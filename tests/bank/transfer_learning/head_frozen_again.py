"""The head is frozen while the base thaws.
---
assignment = "transfer_learning"
hint_should_mention = 'dense.* with trainable=False'
[score]
unfreeze_top = [0.9, 0.93]
[misconception]
unfreeze_top = "head_frozen_again"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.layers[-1].trainable = False
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
