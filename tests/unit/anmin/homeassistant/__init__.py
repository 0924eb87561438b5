"""Tests of what Home Assistant is shown."""
