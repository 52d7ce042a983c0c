"""The base is called inside a functional model in inference mode, which predicts; images are cast before.
---
assignment = "transfer_learning"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    given = keras.Input(base.input_shape[1:])
    extractor = keras.Model(given, base(given, training=False))
    return np.asarray(extractor.predict(np.asarray(images, "float32"), batch_size=batch_size, verbose=0), np.float32)
