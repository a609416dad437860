"""What serves the page: options, launch, HTTP gate, ZeroGPU, order of runs, clean-up, log."""
