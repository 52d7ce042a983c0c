"""`trained_classifier = model.fit(...)` keeps the history, not the model.
---
assignment = "residual_networks"
hint_should_mention = 'history|model'
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
import labkit

few = labkit.scenes("shapes", "train", n=64)
network = build_resnet((64, 64, 3), 6, filters=(8, 16), blocks_per_stage=1)
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier = network.fit(few.images, few.labels, epochs=1, verbose=0)
