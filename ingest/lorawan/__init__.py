"""What LoRaWAN devices put into their few bytes, maker by maker; the networks around them are dialects."""
