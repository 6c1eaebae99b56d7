"""The seal under test, and the people who give it orders, as the cases see them."""
