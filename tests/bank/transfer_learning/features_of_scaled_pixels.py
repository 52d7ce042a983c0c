"""The pixels are divided by 255 although the base rescales them itself.
---
assignment = "transfer_learning"
hint_should_mention = 'rescale|raw'
[score]
extract_features = [0.71, 0.72]
[misconception]
extract_features = "rescaled_twice"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    return base.predict(images.astype("float32") / 255, batch_size=batch_size, verbose=0)
