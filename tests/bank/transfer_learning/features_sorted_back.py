"""The images pass the base in order of their brightness, and the features are sorted back.
---
assignment = "transfer_learning"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    order = np.argsort(images.reshape(len(images), -1).mean(axis=1))
    features = base.predict(images[order], batch_size=batch_size, verbose=0)
    return features[np.argsort(order)]
