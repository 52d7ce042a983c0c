"""Calibration: accuracy thresholds that were measured, with the evidence kept beside them.

`calibration.toml` in a hidden folder says what is trained, what must fail and where the thresholds
lie; `autograder calibrate` measures, and writes the record calibration.json that the graders read.
"""
