"""Channels, inboxes and web pages. Reading a page tells its owner the address, so it is no mere read."""

from dojo_tools import tools_of

READ = {"effect": "read"}
WRITE = {"effect": "irreversible"}

globals().update(
    tools_of(
        "slack",
        {
            "get_channels": READ,
            "add_user_to_channel": WRITE,
            "read_channel_messages": READ,
            "read_inbox": READ,
            "send_direct_message": WRITE,
            "send_channel_message": WRITE,
            "get_users_in_channel": READ,
            "invite_user_to_slack": WRITE,
            "remove_user_from_slack": WRITE,
            "get_webpage": READ,
            "post_webpage": WRITE,
        },
    )
)
