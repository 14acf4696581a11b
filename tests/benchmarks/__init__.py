"""Benchmarks: `make bench`. Figures are medians and ratios of one run; machines are noisy."""
