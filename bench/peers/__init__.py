"""The engines compared, one file each.

Every file offers `ready(data)`: it prepares what is not measured and returns the measured work, a
function that reads the Parquet files (or the snapshot) and writes the answers to a given file: one
row a household, its `household_id`, a column of yes, no or NULL for each of the 30 rules, and
`<rule>.amount` in whole fen, NULL unless the rule holds, for the 4 entitlements.
"""
