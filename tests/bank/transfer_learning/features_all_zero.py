"""An array of the right shape in which nothing stands.
---
assignment = "transfer_learning"
hint_should_mention = 'only zeros.*nothing was written'
[score]
extract_features = 0.0
[misconception]
extract_features = "features_all_zero"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    features = np.zeros((len(images), *base.output_shape[1:]), dtype="float32")
    for start in range(0, len(images), batch_size):
        features[start : start + batch_size][...] == base.predict(images[start : start + batch_size], verbose=0)
    return features
