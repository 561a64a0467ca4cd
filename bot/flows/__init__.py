"""Does: the only place where rules, words, channels and store meet."""
