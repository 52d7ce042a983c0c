"""Answers become links to other files, pipes and hard links of other answers, and the folder a link to itself.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "crashed"]
[score]
residual_network = [0.0, 1.0]
residual_block = [0.0, 1.0]
conv_arithmetic = [0.0, 1.0]
separable_block = [0.0, 1.0]
mini_xception = [0.0, 1.0]
inception_module = [0.0, 1.0]
unet = 0.0
---
"""
# %% unet
import glob
import os


def build_unet(*args, **kwargs):
    return None


os.makedirs("answers/unet", exist_ok=True)
good = sorted(glob.glob("answers/residual_network/*.config.json"))
questions = ("default", "classes", "shallow", "deep", "odd", "uneven")
for number, question in enumerate(questions):
    for ending, source in ((".config.json", good[number % len(good)] if good else "/etc/passwd"), (".npz", "/dev/zero")):
        place = f"answers/unet/{question}{ending}"
        try:
            (os.link, os.symlink)[number % 2](source, place)
        except OSError as error:
            print(place, error)
for number, place in enumerate(sorted(glob.glob("answers/residual_block/*.json"))):
    os.remove(place)
    if number % 2:
        os.mkfifo(place)
    else:
        os.symlink("../../answers", place)
os.rename("answers/separable_block", "answers/separable")
os.symlink("/", "answers/separable_block")
