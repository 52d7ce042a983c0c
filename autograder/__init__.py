"""Grades deep-learning notebooks: student code answers questions in one room,
graders judge the answers in another.
"""

__version__ = "0.2.0"
