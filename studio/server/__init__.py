"""What serves the page: HTTP gate, ZeroGPU, order of runs, clean-up, log."""
