"""Trains, evaluates and converts flywheel/tiny and flywheel/tiny-sql."""
