"""What the messaging documentation of jupyter_client asks of each message that a kernel sends (protocol 5.3 and later)."""

import datetime

BUNDLE = {"data": dict, "metadata": dict}
DISPLAY = {**BUNDLE, "transient": dict}
ERROR = {"ename": str, "evalue": str, "traceback": list}

CONTENT = {
    "status": {"execution_state": str},
    "iopub_welcome": {"subscription": str},
    "execute_input": {"code": str, "execution_count": int},
    "execute_result": {**BUNDLE, "execution_count": int},
    "display_data": DISPLAY,
    "update_display_data": DISPLAY,
    "stream": {"name": str, "text": str},
    "error": ERROR,
    "clear_output": {"wait": bool},
    "comm_open": {"comm_id": str, "target_name": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_close": {"comm_id": str, "data": dict},
    "input_request": {"prompt": str, "password": bool},
}

REPLIES = {
    "execute_reply": {"execution_count": int, "user_expressions": dict, "payload": list},
    "kernel_info_reply": {
        "protocol_version": str,
        "implementation": str,
        "implementation_version": str,
        "language_info": dict,
        "banner": str,
        "help_links": list,
        "debugger": bool,
        "supported_features": list,
    },
    "complete_reply": {"matches": list, "cursor_start": int, "cursor_end": int, "metadata": dict},
    "inspect_reply": {"found": bool, **BUNDLE},
    "is_complete_reply": {},
    "history_reply": {"history": list},
    "comm_info_reply": {"comms": dict},
    "interrupt_reply": {},
    "shutdown_reply": {"restart": bool},
}

STATES = {"busy", "idle", "starting"}


class BrokenMessage(AssertionError):
    """A message is not as the protocol says."""


def check(message):
    """Fails with the message's kind and the broken rule."""
    kind = message["header"].get("msg_type")
    try:
        check_header(message["header"])
        rules = CONTENT.get(kind)
        if rules is None:
            check_reply(kind, message["content"])
        else:
            check_fields(rules, message["content"])
        if kind == "status":
            require(message["content"]["execution_state"] in STATES, "unknown execution_state")
        if kind == "stream":
            require(message["content"]["name"] in ("stdout", "stderr"), "unknown stream")
            require(message["content"]["text"] != "", "empty text")
        for name, value in message["content"].get("data", {}).items():
            if kind in ("execute_result", "display_data", "update_display_data"):
                require("/" in name, f"{name} is no MIME type")
                require(isinstance(value, (str, dict, list)), f"{name} holds {type(value).__name__}")
    except BrokenMessage as error:
        raise BrokenMessage(f"{kind}: {error}: {message}") from None


def check_header(header):
    check_fields({name: str for name in ("msg_id", "session", "username", "msg_type", "version")}, header)
    require(isinstance(header.get("date"), datetime.datetime), "date is no ISO 8601 time")
    require(header["date"].tzinfo is not None, "date has no time zone")
    major, minor = map(int, header["version"].split("."))
    require((major, minor) >= (5, 3), f"version {header['version']} is below 5.3")


def check_reply(kind, content):
    require(kind in REPLIES, "unknown message type")
    status = content.get("status")
    if kind == "is_complete_reply":
        require(status in ("complete", "incomplete", "invalid", "unknown"), f"status is {status}")
        if status == "incomplete":
            check_fields({"indent": str}, content)
        return
    require(status in ("ok", "error", "aborted"), f"status is {status}")
    if status == "ok":
        check_fields(REPLIES[kind], content)
    elif status == "error":
        check_fields(ERROR, content)
    if kind == "execute_reply":
        check_fields({"execution_count": int}, content)


def check_fields(rules, content):
    for name, type_ in rules.items():
        require(name in content, f"{name} is missing")
        require(type(content[name]) is type_, f"{name} is a {type(content[name]).__name__}, not a {type_.__name__}")


def require(holds, rule):
    if not holds:
        raise BrokenMessage(rule)
