"""The images are turned and shifted at random on their way to the base.
---
assignment = "transfer_learning"
hint_should_mention = 'random'
[score]
extract_features = [0.49, 0.51]
[misconception]
extract_features = "features_random"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1)])
    parts = []
    for start in range(0, len(images), batch_size):
        batch = augment(images[start : start + batch_size].astype("float32"), training=True)
        parts.append(np.asarray(base(batch, training=False)))
    return np.concatenate(parts)
