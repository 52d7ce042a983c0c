"""All weights of the trained model are NaN, so its accuracy compares as neither too low nor too high.
---
assignment = "residual_networks"
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
import numpy as np

trained_classifier = build_resnet((64, 64, 3), 6, filters=(8, 16), blocks_per_stage=1)
trained_classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.set_weights([np.full_like(weight, np.nan) for weight in trained_classifier.get_weights()])
