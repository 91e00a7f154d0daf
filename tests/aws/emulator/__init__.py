"""AWS on loopback: moto, and what it lacks to run what was deployed. See tests/aws/README.md."""
