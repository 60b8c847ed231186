"""The jobs process: what runs by the clock."""
