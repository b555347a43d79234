"""The side-by-side benchmark: `python -m benchmarks` measures the service beside its peers."""
