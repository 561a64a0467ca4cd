"""Decides and acts: rules, talk, flows, web doors, the command line."""
