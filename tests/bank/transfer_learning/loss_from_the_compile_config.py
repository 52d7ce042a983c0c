"""The loss is read from the compile configuration; AdamW; a set of names decides what trains.
---
assignment = "transfer_learning"
---
"""
# %% unfreeze_top
def unfreeze_from(model, base, layer_name, learning_rate=1e-5):
    config = model.get_compile_config()
    names = [layer.name for layer in base.layers]
    thawed = set(names[names.index(layer_name):])
    for layer in base.layers:
        layer.trainable = layer.name in thawed and "BatchNormalization" != layer.__class__.__name__
    base_flag = base.trainable
    model.compile(
        optimizer=keras.optimizers.AdamW(learning_rate=float(learning_rate), weight_decay=0.0),
        loss=keras.losses.deserialize(config["loss"]) if isinstance(config["loss"], dict) else config["loss"],
        metrics=config["metrics"],
    )
    return model
