"""Layer names are set behind Keras' back to paths that lead out of the folder, so that files named after them would.
---
assignment = "residual_networks"
allowed_status = ["graded", "needs_review"]
marker = "climbed"
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
trained_classifier = build_resnet((64, 64, 3), 6, filters=(8, 16), blocks_per_stage=1)
for number, layer in enumerate(trained_classifier.layers):
    for name in ("_name", "name"):
        try:
            setattr(layer, name, "../" * (number % 6) + "climbed")
        except (AttributeError, ValueError):
            pass
