"""The flags are right, but the model is not compiled again; only the optimizer's rate is set.
---
assignment = "transfer_learning"
hint_should_mention = 'compile'
[score]
unfreeze_top = [0.6, 0.7]
[misconception]
unfreeze_top = "forgot_to_recompile"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    start = [layer.name for layer in base.layers].index(layer_name)
    for place, layer in enumerate(base.layers):
        layer.trainable = place >= start and not isinstance(layer, layers.BatchNormalization)
    model.optimizer.learning_rate = learning_rate
    return model
