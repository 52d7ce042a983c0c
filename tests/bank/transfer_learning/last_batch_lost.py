"""Only whole batches are run; what is left over gets lost.
---
assignment = "transfer_learning"
hint_should_mention = 'last|batch'
[score]
extract_features = [0.78, 0.79]
[misconception]
extract_features = "last_batch_lost"
---
"""
# %% extract_features
def extract_features(base, images, batch_size=32):
    whole = len(images) // batch_size
    parts = [base.predict_on_batch(images[k * batch_size : (k + 1) * batch_size]) for k in range(max(whole, 1))]
    return np.concatenate(parts)
