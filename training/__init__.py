"""How the embedded language model is made: corpus, tokenizer, trainer, evaluation, export."""
