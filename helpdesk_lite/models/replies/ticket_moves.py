from odoo import models

THEN = ("solve", "wait")


class TicketMoves(models.Model):
    """The stages that *Solve* and *Wait for the Customer* lead to."""

    _inherit = "helpdesk_lite.ticket"

    def _get_stage_for(self, then, team=None):
        """The first stage of a team in which tickets are closed, or in which the team waits for the customer.

        :param str then: "solve" or "wait"
        :param team: record of ``helpdesk_lite.team``, by default that of this ticket
        :return: record of ``helpdesk_lite.stage``, which may be empty
        """
        # sudo: an employee who is invited to one ticket need not have access to the team's stages
        stages = (team or self.team_id).sudo().stage_ids.filtered("active")
        kept = (
            stages.filtered("fold") if then == "solve" else stages.filtered(lambda stage: stage.is_waiting and not stage.fold)
        )
        return kept[:1].with_env(self.env)

    def _get_change_obstacle(self):
        """Why the user cannot change this ticket together with a message.

        :return: str, a sentence; empty when they can
        """
        if not self.has_access("write"):
            return self.env._("You cannot change this ticket.")
        # what was merged or converted goes on elsewhere, although an answer to its customer is posted here
        return self._get_departure() or ""

    def _get_stage_obstacle(self, stage, then, team=None):
        """Why this ticket cannot be moved to a stage, including what the stage needs.

        :param stage: record of ``helpdesk_lite.stage``, which may be empty
        :param str then: "solve", "wait" or "stage"
        :param team: record of ``helpdesk_lite.team``, by default that of this ticket
        :return: str, a sentence; empty when it can
        """
        if missing := self._get_stage_absence(stage, then, team):
            return missing
        # sudo: who can see the ticket may know what its stages need
        missing = self._name_needs(self._get_missing_needs(stage))
        stage = stage.sudo()  # sudo: see above
        return self.env._("The stage “%(stage)s” needs %(what)s.", stage=stage.name, what=missing) if missing else ""

    def _get_stage_absence(self, stage, then, team=None):
        """Why a team has no such stage for this ticket.

        :param stage: record of ``helpdesk_lite.stage``, which may be empty
        :param str then: "solve", "wait" or "stage"
        :param team: record of ``helpdesk_lite.team``, by default that of this ticket
        :return: str, a sentence; empty when it can
        """
        # sudo: who can see a ticket may know the name of its team
        team = (team or self.team_id).sudo()
        if stage and stage in team.stage_ids:
            return ""
        if stage:
            stage = stage.sudo()  # sudo: who chose the reply may know the names in it
            return self.env._("The stage “%(stage)s” does not belong to the team “%(team)s”.", stage=stage.name, team=team.name)
        if then == "solve":
            return self.env._("The team “%s” has no folded stage to close tickets in.", team.name)
        return self.env._("The team “%s” has no stage in which it waits for the customer.", team.name)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Tell the chatter what can be done together with an answer."""
        result = super()._thread_to_store(store, fields, request_list=request_list)
        if request_list and "suggestedRecipients" in request_list and store.target.is_current_user(self.env):
            may = self.env.user.has_group("helpdesk_lite.group_user")
            for ticket in self:
                # sudo(False): what this user may do themselves
                changes = may and not ticket.sudo(False)._get_change_obstacle()
                possible = [then for then in THEN if changes and ticket._get_stage_for(then)]
                store.add(ticket, {"helpdesk_replies": may, "helpdesk_then": possible}, as_thread=True)
        return result
