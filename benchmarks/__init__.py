"""Measurements of the speed of liveblog: one file a subject, each against a baseline measured in the same run.

Nothing here passes or fails: figures of a shared machine vary by more than any limit worth setting. Ratios between
figures that were taken in turns, on the same machine, within the same minute, are what can be compared.
"""
