"""Mail, calendar and files of one person; the effects are what a diff of the state showed."""

from dojo_tools import tools_of

READ = {"effect": "read"}
ATTESTED = {"effect": "read", "integrity": "attested"}
WRITE = {"effect": "irreversible"}

globals().update(
    tools_of(
        "workspace",
        {
            "send_email": WRITE,
            "delete_email": WRITE,
            # It marks the mails as read.
            "get_unread_emails": WRITE,
            "get_sent_emails": READ,
            "get_received_emails": READ,
            "get_draft_emails": READ,
            "search_emails": READ,
            "search_contacts_by_name": ATTESTED,
            "search_contacts_by_email": ATTESTED,
            "get_current_day": ATTESTED,
            "search_calendar_events": READ,
            "get_day_calendar_events": READ,
            "create_calendar_event": WRITE,
            "cancel_calendar_event": WRITE,
            "reschedule_calendar_event": WRITE,
            "add_calendar_event_participants": WRITE,
            "append_to_file": WRITE,
            "search_files_by_filename": READ,
            "create_file": WRITE,
            "delete_file": WRITE,
            "get_file_by_id": READ,
            "list_files": READ,
            "share_file": WRITE,
            "search_files": READ,
        },
    )
)
