"""The features are averaged over the grid before they are stored.
---
assignment = "transfer_learning"
hint_should_mention = 'pool|average'
[score]
extract_features = [0.71, 0.72]
[misconception]
extract_features = "features_pooled"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    return base.predict(images, batch_size=batch_size, verbose=0).mean(axis=(1, 2))
