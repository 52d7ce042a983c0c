"""A syntax error: what is missing is the function of this cell, not the one of the cell before.
---
assignment = "transfer_learning"
hint_should_mention = 'could not start: SyntaxError.*line 1 of the cell.*«unfreeze_from» is not defined'
[score]
unfreeze_top = 0.0
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5)
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss, metrics=["accuracy"])
    return model
