"""The layers are walked from the last one back; Nadam; the loss by its name.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    for layer in base.layers:
        layer.trainable = False
    for layer in reversed(base.layers):
        if layer.__class__ is not keras.layers.BatchNormalization:
            layer.trainable = True
        if layer.name == layer_name:
            break
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(),
        optimizer=keras.optimizers.Nadam(learning_rate=learning_rate),
        metrics=["sparse_categorical_accuracy"],
    )
    return model
