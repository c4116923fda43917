"""Language models in this process, through transformers or vLLM."""
