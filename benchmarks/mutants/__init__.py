"""The structures of the course, each with what is claimed of it,
in many spellings and with many mistakes.
"""
