"""The Web API methods about accounts: the token's own, people, bots, user groups."""

from sandbox.json_types import Json
from sandbox.slack.methods.call import Call
from sandbox.slack.methods.records import bot_record, group_record, user_record
from sandbox.slack.model import directory
from sandbox.slack.model.directory import BOT_NAME, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID
from sandbox.slack.model.refusals import RefusedError


def api_test(call: Call) -> Json:
    """api.test: the arguments come back; `error` asks for that error."""
    if error := call.args.get("error"):
        raise RefusedError(str(error))
    return {"args": {name: value for name, value in call.args.items() if name != "token"}}


def auth_test(call: Call) -> Json:
    """auth.test: whose token this is."""
    return {
        "url": f"{call.state.url}/",
        "team": TEAM_DOMAIN,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": directory.BOT_ID,
        "is_enterprise_install": False,
    }


def users_info(call: Call) -> Json:
    """users.info."""
    return {"user": user_record(call.known_user(call.args.get("user")))}


def bots_info(call: Call) -> Json:
    """bots.info: the app's own bot only."""
    if call.args.get("bot") not in {None, directory.BOT_ID}:
        raise RefusedError("bot_not_found")
    return {"bot": bot_record()}


def usergroups_list(call: Call) -> Json:
    """usergroups.list; with include_users, each with its members."""
    records = []
    for group in call.workspace.user_groups():
        record = group_record(group)
        if call.flag("include_users"):
            record["users"] = list(group.members)
        records.append(record)
    return {"usergroups": records}


def usergroups_users_list(call: Call) -> Json:
    """usergroups.users.list: the members who are not deactivated, unless include_disabled."""
    wanted = call.text("usergroup")
    people = {person.id: person for person in call.workspace.people().values()}
    for group in call.workspace.user_groups():
        if group.id == wanted:
            everyone = call.flag("include_disabled")
            return {"users": [each for each in group.members if everyone or not people[each].deleted]}
    raise RefusedError("no_such_subteam")
