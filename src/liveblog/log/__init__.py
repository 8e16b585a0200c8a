"""What a log of events is: records and their hash chain, the codec, the port that every store implements.

Writers hand over *requests*; a `Batch` decides them under the store's lock and says which rows to keep. The store only
locks, loads, inserts and commits, so the rules of the log stand here once, for every store.
"""
