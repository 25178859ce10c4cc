"""The demo data behind the web server of production: what is measured and looked at is what people get."""
