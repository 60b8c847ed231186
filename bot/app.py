"""Composes the gateway's web application."""
