"""The task panel: what the services are doing."""
