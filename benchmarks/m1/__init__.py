"""M1, a simplified pathway of ten years, told once for each simulator that is compared.

Stages, numbers and luck are in `pathway`. Every teller gives the same transitions to the same residents on the same
seconds when it uses the same luck, and the benchmark checks that it did before it speaks of speed.
"""
