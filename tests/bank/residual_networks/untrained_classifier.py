"""The network is built and compiled and never fitted.
---
assignment = "residual_networks"
hint_should_mention = 'accuracy|train|fit'
[score]
train_classifier = 0.0
[misconception]
train_classifier = "untrained"
---
"""
# %% train_classifier
trained_classifier = build_resnet((64, 64, 3), 6, filters=(16, 32, 64), blocks_per_stage=1)
trained_classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
