"""«What the base has learnt» is taken to be its weights; no image passes it.
---
assignment = "transfer_learning"
hint_should_mention = 'row of features'
[score]
extract_features = 0.0
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    learnt = [layer.get_weights()[0] for layer in base.layers if layer.weights]
    return learnt[-1]
