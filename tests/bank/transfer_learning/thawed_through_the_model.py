"""The base is looked up in the model by its name; flags are set from the top down until the name is met.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    inside = model.get_layer(base.name)
    inside.trainable = True
    met = False
    for layer in reversed(inside.layers):
        norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = not norm and not met
        met = met or layer.name == layer_name
    settings = model.get_compile_config()
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss=settings["loss"], metrics=["accuracy"])
    return model
