"""The same checks in other tools, each as its own documents say it is done.

Every module but that of Pandera runs in the environment of bench/requirements.txt.
"""
