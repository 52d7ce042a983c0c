"""Calibration: accuracy thresholds that were measured, with the evidence kept beside them.

`calibration/<assignment>.toml` says what is trained, what must fail and where the thresholds lie;
`autograder calibrate` measures, and writes the record `<assignment>.json` that the graders read.
"""
