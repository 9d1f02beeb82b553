"""Claims in two vocabularies of the web: schema.org ClaimReview and W3C Web Annotation."""

from typing import Any

from chipassay.records.answer import Answer

RATINGS = {
    "contradicted": 1, "inconsistent": 1, "right for another chip": 2,
    "right under another convention": 3, "supported": 5,
}  # fmt: skip
AROUND = 32
"""Characters of text before and after a quotation that find it again."""


def claim_reviews(answer: Answer) -> dict[str, Any]:
    """A ClaimReview for each claim that has a verdict; "cannot tell" has no rating, and none."""
    dates = {each["name"]: each["read_on"] for each in answer.answer["documents"]}
    reviews = [
        _review(claim, dates.get(claim["document"]))
        for claim in answer.answer["claims"]
        if claim["verdict"] in RATINGS
    ]
    return {"@context": "https://schema.org", "@graph": reviews}


def _review(claim: Any, date: str | None) -> dict[str, Any]:
    item: dict[str, Any] = {
        "@type": "Claim",
        "appearance": {"@type": "CreativeWork", "name": claim["document"]},
    }
    if date:
        item["datePublished"] = date
    if claim["speaker"]:
        item["author"] = {"@type": "Thing", "name": claim["speaker"]}
    told = "; ".join(part for part in (claim["reference"], claim["note"]) if part)
    return {
        "@type": "ClaimReview",
        "claimReviewed": " ".join(claim["quote"].split()),
        "itemReviewed": item,
        "author": {"@type": "Organization", "name": "chipassay"},
        "reviewBody": told,
        "reviewRating": {
            "@type": "Rating", "ratingValue": RATINGS[claim["verdict"]], "worstRating": 1,
            "bestRating": 5, "alternateName": claim["verdict"],
        },
    }  # fmt: skip


def web_annotations(answer: Answer) -> dict[str, Any]:
    """A Web Annotation collection: each claim by its words and by its place in the plain text."""
    texts = {document.name: document.text for document in answer.context["documents"]}
    return {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "type": "AnnotationCollection",
        "total": len(answer.answer["claims"]),
        "first": {
            "type": "AnnotationPage",
            "items": [
                _annotation(claim, texts[claim["document"]]) for claim in answer.answer["claims"]
            ],
        },
    }


def _annotation(claim: Any, text: str) -> dict[str, Any]:
    start, end = claim["text"]["start"], claim["text"]["end"]
    told = "; ".join(part for part in (claim["verdict"], claim["reference"], claim["note"]) if part)
    return {
        "id": f"#{claim['id']}",
        "type": "Annotation",
        "motivation": "assessing",
        "body": {"type": "TextualBody", "value": told, "format": "text/plain", "language": "en"},
        "target": {
            "source": claim["document"],
            "selector": [
                {"type": "TextQuoteSelector", "exact": text[start:end],
                 "prefix": text[max(0, start - AROUND) : start],
                 "suffix": text[end : end + AROUND]},
                {"type": "TextPositionSelector", "start": start, "end": end},
            ],
        },
    }  # fmt: skip
