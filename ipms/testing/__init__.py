"""What tests need beside pytest itself."""
