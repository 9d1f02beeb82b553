"""Architectures read from Hugging Face's `config.json`: one small file for each group of families.

`fields` reads one key at a time and remembers every default taken; `blocks` builds the parts that
families share. A family is a function from fields to an architecture, found by `model_type`.
"""
