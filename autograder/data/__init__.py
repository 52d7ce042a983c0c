"""Real data in the place of drawn scenes: read from where it lies, split,
and kept in the course's folder `data`.
"""
