"""What is signed, encrypted and packed by the standards, pure: it knows neither the database nor HTTP nor the time."""
