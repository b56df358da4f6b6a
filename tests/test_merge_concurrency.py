"""Two people merge the same tickets into different ones at the same moment, with real transactions."""

import threading
import xmlrpc.client

from rpc import Rpc

from devtools.patience import PATIENCE

TICKET, GROUP = "helpdesk_lite.ticket", "helpdesk_lite.merge.group"
ROUNDS = 5


def test_of_merges_at_once_one_wins_and_the_other_is_told(odoo_server):
    server = odoo_server()
    admin = Rpc(server)
    team = admin("helpdesk_lite.team", "create", {"name": "Care"})
    team = team[0] if isinstance(team, list) else team
    for number in range(ROUNDS):
        tickets = [admin(TICKET, "create", {"name": f"{name} {number}", "team_id": team}) for name in "ab"]
        messages = admin("mail.message", "search", [("model", "=", TICKET), ("res_id", "in", tickets)])
        groups = []
        for master in tickets:
            group = admin(TICKET, "action_merge", tickets)["res_id"]
            record = admin("helpdesk_lite.merge.record", "search", [("group_id", "=", group), ("ticket_id", "=", master)])
            admin("helpdesk_lite.merge.record", "write", record, {"is_master": True})
            groups.append(group)
        refused, together = [], threading.Barrier(len(groups))

        def merge(group, refused=refused, together=together):
            rpc = Rpc(server)
            together.wait(PATIENCE)
            try:
                rpc(GROUP, "action_merge", [group])
            except xmlrpc.client.Fault as fault:
                refused.append(fault.faultString)

        threads = [threading.Thread(target=merge, args=(group,)) for group in groups]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(refused) == 1, refused
        assert "was merged already" in refused[0]
        states = admin(GROUP, "read", groups, ["state"])
        assert sorted(state["state"] for state in states) == ["merged", "new"]
        merged = admin(TICKET, "search", [("id", "in", tickets), ("active", "=", False), ("merged_into_id", "in", tickets)])
        assert len(merged) == 1
        master = next(ticket for ticket in tickets if ticket not in merged)
        places = admin("mail.message", "read", messages, ["res_id"])
        assert {place["res_id"] for place in places} == {master}
