"""predict_on_batch for each slice, the rows gathered one by one in a list.
---
assignment = "transfer_learning"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    rows = []
    for start in range(0, len(images), batch_size):
        rows.extend(base.predict_on_batch(images[start : start + batch_size]))
    return np.stack(rows).astype(np.float32)
