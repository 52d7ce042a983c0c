"""The features are flattened to vectors.
---
assignment = "transfer_learning"
hint_should_mention = 'flatten'
[score]
extract_features = [0.71, 0.72]
[misconception]
extract_features = "features_flattened"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    features = base.predict(images, batch_size=batch_size, verbose=0)
    return features.reshape(len(images), -1)
