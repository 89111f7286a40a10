"""One bank account: what the bank says of itself is attested, subjects and files are not."""

from dojo_tools import tools_of

READ = {"effect": "read"}
ATTESTED = {"effect": "read", "integrity": "attested"}
WRITE = {"effect": "irreversible"}

globals().update(
    tools_of(
        "banking",
        {
            "get_iban": ATTESTED,
            "send_money": WRITE,
            "schedule_transaction": WRITE,
            "update_scheduled_transaction": WRITE,
            "get_balance": ATTESTED,
            "get_most_recent_transactions": READ,
            "get_scheduled_transactions": READ,
            "read_file": READ,
            "get_user_info": ATTESTED,
            "update_password": WRITE,
            "update_user_info": WRITE,
        },
    )
)
