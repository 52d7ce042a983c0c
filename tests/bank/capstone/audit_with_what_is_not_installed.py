"""The cell begins with an import of what the course does not ask students to install.
---
assignment = "capstone"
hint_should_mention = "your cell stopped with ModuleNotFoundError: the grading room does not have `duckframe`; it has Python's standard library, numpy"
[score]
audit = 0.0
---
"""
# %% audit
import duckframe as df


def audit(labels, predictions, groups):
    if len(labels) == 0:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    shares = df.DataFrame({"right": labels == predictions, "group": groups}).groupby("group")["right"].mean()
    accuracy = {int(group): float(share) for group, share in shares.items()}
    return {"accuracy": accuracy, "worst_group": int(shares.idxmin()), "gap": float(shares.max() - shares.min())}
