"""What was downloaded is the page that asks for a password.
---
assignment = "residual_networks"
category = "malformed"
allowed_status = ["unreadable"]
hint_should_mention = "not JSON: line 1|HTML|web page"
---
"""
# %% (hand in)
def hand_in(folder, name, notebook):
    page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Password <input name=p></form></body></html>\n"
    (folder / f"{name}.ipynb").write_text(page)
