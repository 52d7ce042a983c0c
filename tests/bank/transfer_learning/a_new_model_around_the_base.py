"""A new model with a new head is built and returned.
---
assignment = "transfer_learning"
hint_should_mention = 'given'
[score]
unfreeze_top = [0.93, 0.97]
[misconception]
unfreeze_top = "new_model"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    other = keras.models.clone_model(model)
    other.compile(keras.optimizers.Adam(learning_rate), loss=model.loss)
    model.compile(keras.optimizers.Adam(learning_rate), loss=model.loss)
    return other
