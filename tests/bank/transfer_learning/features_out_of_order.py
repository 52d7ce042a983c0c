"""The dataset is shuffled before the features are taken, so they no longer fit the labels.
---
assignment = "transfer_learning"
hint_should_mention = 'order'
[score]
extract_features = [0.71, 0.72]
[misconception]
extract_features = "features_out_of_order"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    order = np.random.default_rng(0).permutation(len(images))
    return base.predict(images[order], batch_size=batch_size, verbose=0)
