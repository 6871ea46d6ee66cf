"""Writes a tokenizer whose tokens are words. Run by a rival's Python, which has the `tokenizers` package."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers  # type: ignore[import-not-found,unused-ignore]

place = Path(sys.argv[1])
place.mkdir(parents=True)
consonants = "bcdfghklmnprstvz"
made = ("".join(letters) for letters in itertools.product(consonants, "aeiou", consonants))
names = ["<unk>", "<s>", "</s>", "word", *made]
tokenizer = Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, names[0]))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.save(str(place / "tokenizer.json"))
settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
template = {"model_max_length": 32768, "chat_template": "{% for m in messages %}{{ m['content'] }}{% endfor %}"}
(place / "tokenizer_config.json").write_text(json.dumps(settings | template))
shape = {"model_type": "gpt2", "vocab_size": len(names), "n_positions": 32768}
(place / "config.json").write_text(json.dumps(shape))
