"""What is measured: programs that are each run in a process of their own."""
