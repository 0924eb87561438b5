"""What tests share: small communities, brokers, guards."""
