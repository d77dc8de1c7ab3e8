"""What others reach at the same job on the same machine, measured in the same run."""
