"""Environments in folders: data sets, the shipped library, what is added later."""
