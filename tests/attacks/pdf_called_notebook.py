"""A printed version was called a notebook.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not JSON|UTF-8|PDF"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    (folder / f"{name}.ipynb").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")
