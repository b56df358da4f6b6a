-- For copies of a database on which people try things out: nobody outside may be reached by them, or reach them.
-- Odoo itself disables mail servers and scheduled actions.

-- links in mails to customers
UPDATE helpdesk_lite_ticket
   SET access_token = NULL
 WHERE access_token IS NOT NULL;
UPDATE ir_attachment
   SET access_token = NULL
 WHERE access_token IS NOT NULL
   AND res_model IN ('helpdesk_lite.ticket', 'helpdesk_lite.team');
UPDATE helpdesk_lite_rating_request
   SET token_hash = NULL
 WHERE token_hash IS NOT NULL;

-- public forms
UPDATE helpdesk_lite_team
   SET use_website_form = FALSE
 WHERE use_website_form;

-- mails that wait here are processed in the original
UPDATE helpdesk_lite_mail
   SET next_try = NULL
 WHERE next_try IS NOT NULL;

-- keys by which a mail server delivers mails
DELETE FROM res_users_apikeys
 WHERE user_id IN (
       SELECT link.uid
         FROM res_groups_users_rel link
         JOIN ir_model_data data ON data.model = 'res.groups'
                                AND data.res_id = link.gid
        WHERE data.module = 'helpdesk_lite'
          AND data.name = 'group_gateway'
);

-- key of the monitoring system
DELETE FROM ir_config_parameter
 WHERE key = 'helpdesk_lite.health_token';
