"""The base is called in training mode, so batch norm looks at the batch.
---
assignment = "transfer_learning"
hint_should_mention = 'training'
[score]
extract_features = [0.49, 0.51]
[misconception]
extract_features = "batch_norm_in_training_mode"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    parts = [base(images[i : i + batch_size], training=True) for i in range(0, len(images), batch_size)]
    return np.concatenate([np.asarray(part) for part in parts])
