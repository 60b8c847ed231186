"""The settings by what they are about; `bot.settings` puts them together and reads them."""
