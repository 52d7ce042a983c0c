"""The last batch comes first, and each one before it is put in front of it.
---
assignment = "transfer_learning"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    features = np.zeros((0, *base.output_shape[1:]), dtype="float32")
    for start in reversed(range(0, len(images), batch_size)):
        found = base.predict(images[start : start + batch_size], verbose=0)
        features = np.concatenate([found, features])
    return features
