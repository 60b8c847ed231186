"""Tokens of Japanese text: runs of one script, with exact offsets into the raw text."""

import re
from typing import Any, Dict, List

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# The features of this pipeline come from whole sentences, so that tokens only have to be stable and correctly placed.
# A dictionary would add weight, and its normalised surfaces no longer align with the raw text.
_SCRIPT_RUNS = re.compile(
    r"[一-鿿㐀-䶿豈-﫿⺀-⿟々〆ヶ]+"  # kanji, with the radicals that some policies print in their place
    r"|[ぁ-ゖゝゞー]+"
    r"|[ァ-ヺヽヾー]+"
    r"|[ｦ-ﾟ]+"
    r"|[A-Za-zＡ-Ｚａ-ｚ]+"
    r"|[0-9０-９]+"
    r"|\S"
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class JapaneseTokenizer(Tokenizer):
    """Cuts a text where the script changes; `text[token.start:token.end] == token.text` always holds."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The keys that Rasa's base class reads."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Tokens of one attribute of the message, in order."""
        text = message.get(attribute)
        return [Token(run.group(), run.start(), run.end()) for run in _SCRIPT_RUNS.finditer(text)]
