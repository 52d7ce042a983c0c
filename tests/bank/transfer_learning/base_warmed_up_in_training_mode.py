"""The features are right, but a first call in training mode has moved the batch-norm statistics.
---
assignment = "transfer_learning"
hint_should_mention = 'statistics'
[score]
extract_features = [0.8, 0.9]
[misconception]
extract_features = "base_changed"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    features = base.predict(images, batch_size=batch_size, verbose=0)
    base(images[:batch_size], training=True)
    return features
