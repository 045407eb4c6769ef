"""Standard features of the protocol, a file for each group of them.

A reader is a plain function `(workspace, client, params) -> result`: it blocks, keeps nothing, and may run in
any thread of the process that has the index open. `table.py` says which there are.
"""
