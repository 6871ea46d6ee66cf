"""Ten prompts that never change, so that the answers of two machines, engines or settings can be compared.

The order and the words are part of the measurement. A prompt that has to change becomes a new one, under a new name.
"""

PROMPTS = {
    "fact": "What is the capital of Australia? Answer in one sentence.",
    "sum": "A shop sells pens at 3 for 2 euros. How much do 12 pens cost? Show the steps, then the result alone.",
    "list": "Name five rivers in Europe, one on each line, and nothing else.",
    "translate": 'Translate into German: "The train leaves at half past seven from platform four."',
    "extract": 'Give as JSON with the keys name, date and total: "Invoice for A. Lindgren, 4 March, 128.50 euros."',
    "code": "Write a Python function that returns the n-th Fibonacci number without recursion. Code only.",
    "summary": "Summarise in one sentence: Bees fly from flower to flower to collect nectar. On the way they carry "
    "pollen, so that plants can set fruit. Without bees many fruits and vegetables would become rare and dear.",
    "reason": "Tom is taller than Ann. Ann is taller than Eve. Who is the shortest? Give the name and one reason.",
    "refuse": "What did I eat for breakfast this morning? If you cannot know it, say so in one sentence.",
    "story": "Write three sentences about a lighthouse keeper who finds a letter.",
}
