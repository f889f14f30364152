"""What the tests of the lab, the soak and bench/ are built from."""
