"""How do the parts fit together? The one place where rooms are joined."""

from remit.app.access import MAY, Act, Identity, Role, refusal
from remit.app.calibrating import LATEST, Made, basis_of_remit, calibrate_agent
from remit.app.deciding import DecisionWish, Taken, take_decision
from remit.app.demo_report import Item, Reached, Summary, Verdict, compare, reached, read_inbox, summarise
from remit.app.exploring import (
    COMPARED,
    FACETED,
    SOME,
    Facets,
    Search,
    facets,
    first_page,
    rest_of,
    search_runs,
)
from remit.app.facts import facts_of
from remit.app.feedback_tokens import (
    FeedbackToken,
    feedback_token_text,
    read_feedback_token,
    signing_secret,
)
from remit.app.keys import Issued, Key, KeyWish, all_keys, issue_key, key_named, revoke_key
from remit.app.long_runs import PART, Outline, RunReader, outline_of
from remit.app.notifying import Notifier
from remit.app.outside import Decision
from remit.app.overview import (
    AgentNumbers,
    agent_numbers,
    decided_lately,
    first_deadlines,
    news,
    numbers_of,
    queue_counts,
    similar_cases,
    waiting_queues,
)
from remit.app.presenting import (
    COOKIE,
    READING,
    Presented,
    is_loopback,
    may_listen,
    same_origin,
    session_cookie,
)
from remit.app.promises import audits_of
from remit.app.recent import Recent
from remit.app.remit import Remit, experts_beside, inspect, remit_file
from remit.app.report import NO_DEADLINE, outcome_of
from remit.app.reviewing import RESERVED_S, Reviewing
from remit.app.runtime import Runtime
from remit.app.schedules import Due, due
from remit.app.scope import can_gate
from remit.app.scope_growth import AddedExample, add_scope_example
from remit.app.seeing import (
    MOST,
    CaseSeen,
    Page,
    bodies_kept,
    case_seen,
    cases_seen,
    events_seen,
    later_answer_of,
    result_of,
    run_seen,
    runs_seen,
)
from remit.app.service import Limits, Service, Wanted
from remit.app.sessions import Session, csrf_fits, csrf_of, sign_in, sign_in_as, sign_out
from remit.app.shown import Window, window_seen
from remit.app.sureness import Sureness, near_points, sureness_of
from remit.app.taking_up import NextCase, next_case
from remit.app.telling_again import NOTIFICATION_STATES, NotificationState, notifications_seen, tell_again
from remit.app.vitals import Vitals, serve_vitals
from remit.app.vouching import Provider, is_safe, provider_of, vouched
from remit.app.working import Work, Worker

__all__ = [
    "COMPARED",
    "COOKIE",
    "FACETED",
    "LATEST",
    "MAY",
    "MOST",
    "NOTIFICATION_STATES",
    "NO_DEADLINE",
    "PART",
    "READING",
    "RESERVED_S",
    "SOME",
    "Act",
    "AddedExample",
    "AgentNumbers",
    "CaseSeen",
    "Decision",
    "DecisionWish",
    "Due",
    "Facets",
    "FeedbackToken",
    "Identity",
    "Issued",
    "Item",
    "Key",
    "KeyWish",
    "Limits",
    "Made",
    "NextCase",
    "NotificationState",
    "Notifier",
    "Outline",
    "Page",
    "Presented",
    "Provider",
    "Reached",
    "Recent",
    "Remit",
    "Reviewing",
    "Role",
    "RunReader",
    "Runtime",
    "Search",
    "Service",
    "Session",
    "Summary",
    "Sureness",
    "Taken",
    "Verdict",
    "Vitals",
    "Wanted",
    "Window",
    "Work",
    "Worker",
    "add_scope_example",
    "agent_numbers",
    "all_keys",
    "audits_of",
    "basis_of_remit",
    "bodies_kept",
    "calibrate_agent",
    "can_gate",
    "case_seen",
    "cases_seen",
    "compare",
    "csrf_fits",
    "csrf_of",
    "decided_lately",
    "due",
    "events_seen",
    "experts_beside",
    "facets",
    "facts_of",
    "feedback_token_text",
    "first_deadlines",
    "first_page",
    "inspect",
    "is_loopback",
    "is_safe",
    "issue_key",
    "key_named",
    "later_answer_of",
    "may_listen",
    "near_points",
    "news",
    "next_case",
    "notifications_seen",
    "numbers_of",
    "outcome_of",
    "outline_of",
    "provider_of",
    "queue_counts",
    "reached",
    "read_feedback_token",
    "read_inbox",
    "refusal",
    "remit_file",
    "rest_of",
    "result_of",
    "revoke_key",
    "run_seen",
    "runs_seen",
    "same_origin",
    "search_runs",
    "serve_vitals",
    "session_cookie",
    "sign_in",
    "sign_in_as",
    "sign_out",
    "signing_secret",
    "similar_cases",
    "summarise",
    "sureness_of",
    "take_decision",
    "tell_again",
    "vouched",
    "waiting_queues",
    "window_seen",
]
