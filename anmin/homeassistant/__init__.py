"""What Home Assistant is shown of us; it shares nothing with the dialect that reads its announcements."""
