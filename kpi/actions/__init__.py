"""What is done with figures: targets approved, periods closed, months counted."""
