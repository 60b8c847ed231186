"""Members who write in another language: which one it is, and the fixed texts this desk has in it."""
