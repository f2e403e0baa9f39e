"""Data sets in other people's layouts: published CodeGym, Hugging Face, Harbor. Each can be read back."""
