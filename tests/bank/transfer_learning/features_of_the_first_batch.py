"""The return stands inside of the loop.
---
assignment = "transfer_learning"
hint_should_mention = '\d+ rows, .*first batch'
[score]
extract_features = [0.78, 0.79]
[misconception]
extract_features = "only_the_first_batch"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    for start in range(0, len(images), batch_size):
        features = base.predict(images[start : start + batch_size], verbose=0)
        return features
