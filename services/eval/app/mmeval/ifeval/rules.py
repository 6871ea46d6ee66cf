"""The 25 kinds of instruction, each a function of the answer and the instruction's own values.

Written to the rules of google-research's `instruction_following_eval` (Apache-2.0). Where its rule is odd, it is odd in
the same way here, so that scores can be compared: a keyword is a regular expression, and `**bold**` counts twice as
highlighted. Two things differ: a value that a row lacks is a fault of the data there, where the reference draws one at
random; and a sign that is no letter is counted itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from operator import ge, lt

from . import texts

RELATIONS: Mapping[str, Callable[[int, int], bool]] = {"less than": lt, "at least": ge}
OPTIONS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
ENDS_A_TERM = frozenset(".,?!'\"")
FENCES = ("```json", "```Json", "```JSON", "```")


def keywords(answer: str, *, keywords: Sequence[str]) -> bool:
    return all(re.search(each, answer, re.IGNORECASE) for each in keywords)


def keyword_frequency(answer: str, *, keyword: str, frequency: int, relation: str) -> bool:
    return RELATIONS[relation](len(re.findall(keyword.strip(), answer, re.IGNORECASE)), frequency)


def forbidden(answer: str, *, forbidden_words: Sequence[str]) -> bool:
    return not any(re.search(rf"\b{each}\b", answer, re.IGNORECASE) for each in forbidden_words)


def letter_frequency(answer: str, *, letter: str, let_frequency: int, let_relation: str) -> bool:
    return RELATIONS[let_relation](answer.lower().count(letter.strip().lower()), let_frequency)


def language(answer: str, *, language: str) -> bool:
    return texts.is_in(language, answer)


def number_sentences(answer: str, *, num_sentences: int, relation: str) -> bool:
    return RELATIONS[relation](texts.sentences(answer), num_sentences)


def number_terms(answer: str, *, num_words: int, relation: str) -> bool:
    return RELATIONS[relation](len(re.findall(r"\w+", answer)), num_words)


def number_paragraphs(answer: str, *, num_paragraphs: int) -> bool:
    """Paragraphs between dividers; only the first and the last may be empty."""
    parts = re.split(r"\s?\*\*\*\s?", answer)
    empty = [index for index, part in enumerate(parts) if not part.strip()]
    if any(index not in (0, len(parts) - 1) for index in empty):
        return False
    return len(parts) - len(empty) == num_paragraphs


def first_of_paragraph(answer: str, *, num_paragraphs: int, nth_paragraph: int, first_word: str) -> bool:
    parts = answer.split("\n\n")
    count = sum(bool(part.strip()) for part in parts)
    if nth_paragraph > count or not parts[nth_paragraph - 1].strip():
        return False
    term = parts[nth_paragraph - 1].split()[0].lstrip("'").lstrip('"')
    end = next((index for index, sign in enumerate(term) if sign in ENDS_A_TERM), len(term))
    return count == num_paragraphs and term[:end].lower() == first_word.lower()


def placeholders(answer: str, *, num_placeholders: int) -> bool:
    return len(re.findall(r"\[.*?\]", answer)) >= num_placeholders


def postscript(answer: str, *, postscript_marker: str) -> bool:
    marker = postscript_marker.strip()
    known = {"P.P.S": r"\s*p\.\s?p\.\s?s.*$", "P.S.": r"\s*p\.\s?s\..*$"}
    return bool(re.findall(known.get(marker, rf"\s*{marker.lower()}.*$"), answer.lower(), re.MULTILINE))


def bullets(answer: str, *, num_bullets: int) -> bool:
    stars = re.findall(r"^\s*\*[^\*].*$", answer, re.MULTILINE)
    dashes = re.findall(r"^\s*-.*$", answer, re.MULTILINE)
    return len(stars) + len(dashes) == num_bullets


def constrained(answer: str) -> bool:
    return any(option in answer for option in OPTIONS)


def highlighted(answer: str, *, num_highlights: int) -> bool:
    single = [each for each in re.findall(r"\*[^\n\*]*\*", answer) if each.strip("*").strip()]
    double = [
        each for each in re.findall(r"\*\*[^\n\*]*\*\*", answer) if each.removeprefix("**").removesuffix("**").strip()
    ]
    return len(single) + len(double) >= num_highlights


def sections(answer: str, *, section_spliter: str, num_sections: int) -> bool:
    return len(re.split(rf"\s?{section_spliter.strip()}\s?\d+\s?", answer)) - 1 >= num_sections


def is_json(answer: str) -> bool:
    text = answer.strip()
    for fence in FENCES:
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def title(answer: str) -> bool:
    return any(each.lstrip("<").rstrip(">").strip() for each in re.findall(r"<<[^\n]+>>", answer))


def two_responses(answer: str) -> bool:
    """Two different answers between dividers; only the first and the last part may be empty."""
    parts = [part.strip() for part in answer.split("******")]
    if any(not part for part in parts[1:-1]):
        return False
    filled = [part for part in parts if part]
    return len(filled) == 2 and filled[0] != filled[1]


def repeats(answer: str, *, prompt_to_repeat: str) -> bool:
    return answer.strip().lower().startswith(prompt_to_repeat.strip().lower())


def ends(answer: str, *, end_phrase: str) -> bool:
    return answer.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def quoted(answer: str) -> bool:
    text = answer.strip()
    return len(text) > 1 and text[0] == '"' and text[-1] == '"'


def capitals(answer: str, *, capital_frequency: int, capital_relation: str) -> bool:
    return RELATIONS[capital_relation](sum(each.isupper() for each in texts.tokens(answer)), capital_frequency)


def upper(answer: str) -> bool:
    return answer.isupper() and texts.is_in("en", answer)


def lower(answer: str) -> bool:
    return answer.islower() and texts.is_in("en", answer)


def no_comma(answer: str) -> bool:
    return "," not in answer


RULES: Mapping[str, Callable[..., bool]] = {
    "keywords:existence": keywords,
    "keywords:frequency": keyword_frequency,
    "keywords:forbidden_words": forbidden,
    "keywords:letter_frequency": letter_frequency,
    "language:response_language": language,
    "length_constraints:number_sentences": number_sentences,
    "length_constraints:number_paragraphs": number_paragraphs,
    "length_constraints:number_words": number_terms,
    "length_constraints:nth_paragraph_first_word": first_of_paragraph,
    "detectable_content:number_placeholders": placeholders,
    "detectable_content:postscript": postscript,
    "detectable_format:number_bullet_lists": bullets,
    "detectable_format:constrained_response": constrained,
    "detectable_format:number_highlighted_sections": highlighted,
    "detectable_format:multiple_sections": sections,
    "detectable_format:json_format": is_json,
    "detectable_format:title": title,
    "combination:two_responses": two_responses,
    "combination:repeat_prompt": repeats,
    "startend:end_checker": ends,
    "startend:quotation": quoted,
    "change_case:capital_word_frequency": capitals,
    "change_case:english_capital": upper,
    "change_case:english_lowercase": lower,
    "punctuation:no_comma": no_comma,
}
