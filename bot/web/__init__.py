"""The doors: webhooks, the API, the console, the owner's page. Holds no channel."""
