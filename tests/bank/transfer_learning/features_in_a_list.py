"""The batches' features come back one by one, in a list.
---
assignment = "transfer_learning"
hint_should_mention = 'list that holds \d+ arrays'
[score]
extract_features = 0.0
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    starts = range(0, len(images), batch_size)
    return [base.predict(images[start : start + batch_size], verbose=0) for start in starts]
