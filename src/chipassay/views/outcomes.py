"""Outcomes of the law in words."""

from __future__ import annotations

_OUTCOMES = {
    "no_licence": "no licence needed",
    "no_licence:compliance_date_pending": "no licence needed yet: compliance comes later",
    "no_licence:codified_but_not_enforced": "no licence needed: the text asks for one, unenforced",
    "indeterminate": "unknown",
    "licence:letter": "licence needed, by letter",
    "licence:entity_list": "licence needed for a listed party",
    "licence:part_746_policy": "licence needed, embargoed destination",
    "licence:presumption_of_denial": "licence needed, denial presumed",
    "licence:presumption_of_approval": "licence needed, approval presumed",
    "licence:case_by_case": "licence needed, reviewed case by case",
    "licence:case_by_case_if_certified": "licence needed, case by case if conditions are certified",
    "exception:NAC_notify_25d": "may go after 25 days' notice (NAC)",
    "exception:NAC_no_notice": "may go under NAC, without a notice",
    "exception:ACA": "may go under ACA",
    "exception:AIA": "may go under AIA",
    "exception:HBM_if_conditions": "may go under HBM if its conditions hold",
}


def told(outcome: str) -> str:
    """An outcome's code in words."""
    return _OUTCOMES.get(outcome, outcome)
