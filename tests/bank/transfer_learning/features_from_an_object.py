"""A callable object instead of a function, which keeps nothing.
---
assignment = "transfer_learning"
---
"""
# %% extract_features
class Extractor:
    def __call__(self, base, images, batch_size=32):
        model = keras.Model(base.inputs, base.outputs[0])
        return np.asarray(model.predict(np.asarray(images), batch_size=batch_size, verbose="silent"), dtype="float32")


extract_features = Extractor()
