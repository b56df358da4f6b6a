"""The files in ``deploy/`` fit together, to Odoo and to the repository. nginx itself runs in ``test_hosts.py``."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

from devtools import project
from devtools.setup import Setup

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
# what the Compose Specification knows, as far as it is used here
TOP = {"name", "services", "volumes"}
KEYS = {
    *("image", "command", "environment", "volumes", "depends_on", "healthcheck", "expose", "ports", "profiles", "restart"),
    *("shm_size", "stop_grace_period"),
}
HEALTH = {"test", "interval", "timeout", "retries", "start_period"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
DURATION = re.compile(r"(\d+(us|ms|s|m|h))+")


def read_options():
    parser = configparser.ConfigParser()
    parser.read(DEPLOY / "odoo.conf")
    return dict(parser["options"])


def is_permanent(service):
    return "profiles" not in service


# ------------------------------------------------------------
# COMPOSE
# ------------------------------------------------------------


def test_only_keys_that_compose_knows():
    assert {key for key in COMPOSE if not key.startswith("x-")} == TOP
    for name, service in SERVICES.items():
        assert set(service) <= KEYS, name
        assert set(service.get("healthcheck", ())) <= HEALTH, name
        assert service["restart"] in ("no", "unless-stopped"), name


@pytest.mark.parametrize("name", SERVICES)
def test_images_have_a_version(name):
    image, _colon, tag = SERVICES[name]["image"].partition(":")
    assert image
    assert re.match(r"\d+", tag), "not whatever is the latest one today"


@pytest.mark.parametrize("name", [name for name, service in SERVICES.items() if is_permanent(service)])
def test_services_tell_whether_they_work(name):
    health = SERVICES[name]["healthcheck"]
    assert health["test"][0] == "CMD-SHELL"
    assert len(health["test"]) == 2
    for key in ("interval", "timeout", "start_period"):
        assert DURATION.fullmatch(health.get(key, "1s")), key


def test_services_wait_for_services_that_there_are():
    for name, service in SERVICES.items():
        for other, facts in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            assert set(facts) <= {"condition", "restart"}
            assert facts["condition"] in CONDITIONS
            assert facts["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


def test_volumes_and_files_are_there():
    named = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source, target = volume.split(":")[:2]
            assert target.startswith("/")
            if source.startswith("."):
                assert (DEPLOY / source).resolve().exists(), source
                assert volume.endswith(":ro"), "a container changes nothing of ours"
            else:
                named.add(source)
    assert named == set(COMPOSE["volumes"])


def test_every_addon_is_there_and_nothing_else():
    mounted = {volume.split(":")[1].rpartition("/")[2] for volume in SERVICES["odoo"]["volumes"] if "extra-addons" in volume}
    assert mounted == set(project.addons())
    assert read_options()["addons_path"] == "/mnt/extra-addons"


def test_passwords_are_nowhere():
    assert "password" not in (DEPLOY / "odoo.conf").read_text().lower().replace("passwords and hosts", "")
    for name in ("odoo", "update", "db"):
        for key, value in SERVICES[name]["environment"].items():
            if "PASSWORD" in key:
                assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", value), "it must be given, and is told when it is not"


def test_commands_without_the_entrypoint_reach_the_database():
    """``docker compose exec odoo odoo db dump`` has none of the arguments that the image adds for the server."""
    for name in ("odoo", "update"):
        values = SERVICES[name]["environment"]
        for key in ("HOST", "USER", "PASSWORD"):
            assert values[f"PG{key}"] == values[key], name


def test_nginx_starts_again_with_odoo():
    """A new container may have a new address, and nginx looks names up when it starts."""
    assert SERVICES["nginx"]["depends_on"]["odoo"]["restart"] is True


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_the_update_is_run_by_name_only():
    update = SERVICES["update"]
    assert not is_permanent(update)
    assert update["command"][:3] == ["odoo", "-u", "helpdesk_lite"]
    assert "--stop-after-init" in update["command"]
    # with the same files and the same addons as the server
    assert {key: update[key] for key in ("image", "environment", "volumes")} == {
        key: SERVICES["odoo"][key] for key in ("image", "environment", "volumes")
    }


# ------------------------------------------------------------
# ODOO AND NGINX
# ------------------------------------------------------------


def test_options_are_those_of_odoo():
    source = (Setup.from_environment().odoo.home / "odoo/tools/config.py").read_text()
    known = set(re.findall(r'dest="(\w+)"|dest=\'(\w+)\'', source))
    names = {name for pair in known for name in pair if name}
    assert set(read_options()) <= names


def test_the_processes_fit_into_the_database():
    options = read_options()
    used = (int(options["workers"]) + int(options["max_cron_threads"])) * int(options["db_maxconn"])
    used += int(options["db_maxconn_gevent"])
    allowed = int(re.search(r"max_connections=(\d+)", " ".join(SERVICES["db"]["command"]))[1])
    # some are left for the owner, for backups and for another update
    assert used <= allowed - 20


def test_nginx_waits_longer_than_odoo_works():
    seconds = int(re.search(r"proxy_read_timeout (\d+)s", (DEPLOY / "nginx.conf").read_text())[1])
    assert seconds > int(read_options()["limit_time_real"]) > int(read_options()["limit_time_cpu"])


def test_nginx_and_odoo_agree():
    text, options = (DEPLOY / "nginx.conf").read_text(), read_options()
    assert f"alias {options['data_dir']}/filestore;" in text
    assert f"files:{options['data_dir']}:ro" in SERVICES["nginx"]["volumes"]
    assert f"files:{options['data_dir']}" in SERVICES["odoo"]["volumes"]
    assert (options["proxy_mode"], options["x_sendfile"]) == ("True", "True")
    upstreams = re.findall(r"server odoo:(\d+);", text)
    assert upstreams == SERVICES["odoo"]["expose"]


def test_both_places_tell_odoo_the_same():
    """A location with headers of its own inherits none of the server's."""
    text = "\n".join(line.strip() for line in (DEPLOY / "nginx.conf").read_text().splitlines())
    server, websocket = text.split("location /websocket {")[0], text.split("location /websocket {")[1].split("}")[0]
    told = set(re.findall(r"proxy_set_header (?!Upgrade|Connection).+;", server))
    assert len(told) == 5
    assert told <= set(re.findall(r"proxy_set_header .+;", websocket))
    for block in (server, websocket):
        assert "proxy_set_header X-Forwarded-Host $http_host;" in block
        assert "proxy_set_header X-Forwarded-For $remote_addr;" in block, "one address, which nobody can forge"
        assert "$proxy_add_x_forwarded_for;" not in block


def test_the_form_fits_through_the_proxy():
    limit = int(re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text())[1])
    text = (ROOT / "helpdesk_lite/controllers/form.py").read_text()
    total = int(re.search(r"MAX_TOTAL_SIZE = (\d+) \* 1024\*\*2", text)[1])
    assert limit >= total + 10
