"""The cell tries its audit on one group, with a function that only a given look defines.
---
assignment = "capstone"
---
"""
# %% audit
def audit(labels, predictions, groups):
    labels, predictions, groups = map(np.asarray, (labels, predictions, groups))
    accuracy = {}
    for group in np.unique(groups):
        members = groups == group
        accuracy[int(group)] = float(np.mean(labels[members] == predictions[members]))
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    lowest, highest = min(accuracy.values()), max(accuracy.values())
    worst = min(group for group, share in accuracy.items() if share == lowest)
    return {"accuracy": accuracy, "worst_group": worst, "gap": highest - lowest}


night = only(validation, 1)
print(audit(night.labels, np.zeros_like(night.labels), night.groups))
