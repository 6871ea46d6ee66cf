"""IFEval: instructions whose following a rule can check."""
