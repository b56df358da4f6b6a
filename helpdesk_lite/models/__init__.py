from . import (
    res_company,
    stage,
    tag,
    team,
    team_dashboard,
    team_followers,
    ticket,
    ticket_followers,
    ticket_mail,
    ticket_number,
    ticket_portal,
    res_partner,
)
