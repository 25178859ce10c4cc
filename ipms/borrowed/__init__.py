"""What libraries say here and do not say in all of our languages: named for our own catalogue."""
