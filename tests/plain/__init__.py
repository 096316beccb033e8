"""Every rule and measure judged a second time, row by row and without a data frame.

It takes what rules and the specification declare and works out the rest itself, so that the
tests can compare what it counts with what the engine counts. It is slow and says each thing
once, in the plainest way there is.
"""
