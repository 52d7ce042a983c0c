"""The base's layers are called one by one on the augmented image, so the model is flat.
---
assignment = "transfer_learning"
---
"""
# %% frozen_model
def build_frozen(base, num_classes):
    base.trainable = False
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomZoom(0.1)(layers.RandomFlip("horizontal")(inputs))
    new = {id(base.inputs[0]): x}
    for operation in base.operations:
        if not isinstance(operation, layers.InputLayer):
            given, output = operation.input, operation.output
            arguments = [new[id(t)] for t in given] if isinstance(given, list) else new[id(given)]
            new[id(output)] = operation(arguments)
    x = layers.GlobalAveragePooling2D()(new[id(base.outputs[0])])
    x = layers.Dropout(0.2)(x)
    model = keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
