"""Every rule tried on a finished run's candidates, by its recorded scores."""
