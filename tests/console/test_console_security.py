"""Who may see and do what in the console, and what hostile text and foreign pages can do to it: nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import jinja2
import pytest
from page_reading import Element, read

from api_world import Served
from cli_world import written_log
from console_world import INPUTS, console_of, seed, signed_in, write_desk
from hostile_texts import CORPUS, every_kind
from remit.app import COOKIE, MAY, Act, Role, csrf_of, session_cookie
from remit.console import mounting, web
from remit.event import CaseOpened

PAYLOADS = CORPUS | {
    "script": "<script>document.title='owned'</script>",
    "handler": '"><img src=x onerror="document.title=\'owned\'">',
    "svg": "<svg onload=\"document.title='owned'\"><use href='data:text/xml,x'/></svg>",
    "address": "javascript:document.title='owned'",
    "markdown": "[click](javascript:alert(1)) ![x](https://example.com/leak?d=1)",
    "template": "{{ 7 * 7 }}{% raw %}",
    "attribute": "x' onmouseover='document.title=1' y='",
    "closing": "</textarea></script></style></title><h1>owned</h1>",
}
HIDING = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
ACTIVE = {"script", "iframe", "object", "embed", "base", "img", "foreignobject", "use", "style"}
JSON = {"accept": "application/json"}
IDS = [f"{number}".zfill(15) + "r" for number in range(30)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, dict[str, str]]]:
    folder = tmp_path_factory.mktemp("served")
    write_desk(folder)
    runs = seed(folder, INPUTS)
    with console_of(folder, advances=False) as found:
        found.issue(Role.ADMIN)
        yield found, runs


def harmless(root: Element) -> None:
    """What stands on the page is our own: no element, handler or address of somebody else."""
    for element in root.all():
        if element.tag in ACTIVE:
            assert element.tag == "script"
            assert element.attributes["src"].startswith("/static/")
            assert element.text() == ""
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (element.tag, name)
            if name in ("href", "src", "action", "formaction"):
                assert re.match(r"[/?#](?![/\\])", value), value
    assert [heading.text() for heading in root.all("h1") if heading.text() == "owned"] == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_hostile_text_in_every_field_of_every_screen_stays_text(tmp_path: Path, text: str) -> None:
    write_desk(tmp_path)
    run_id = IDS[0]
    with written_log(tmp_path / "remit.db") as log:
        log.run(*every_kind(run_id, text), run_id=run_id, agent="order-desk", input={text: text}, tenant=text,
                user={"id": text, text: text}, conversation=text)  # fmt: skip
        case = CaseOpened(case=f"{IDS[1][:-1]}c", queue=text, trigger="permit", question=text, why=text,
                          deadline=None, otherwise="none", tool=text, arguments={text: text})  # fmt: skip
        log.run(case, run_id=IDS[1], input=text, agent=text)
    with console_of(tmp_path, advances=False) as found:
        number = len(found.client.get(f"/runs/{run_id}", headers=JSON).json()["events"])
        pages = ["/", "/runs?since=30d", "/review", "/agents/order-desk", f"/runs/{IDS[1]}"]
        pages += [
            f"/review/{run_id[:-1]}c",
            f"/review/{case.case}",
            f"/review?{httpx.QueryParams(queue=text)}",
        ]
        pages += [f"/runs?{httpx.QueryParams(q=text, name=text, since='30d')}"]
        pages += [f"/runs?{httpx.QueryParams(q='tenant:x', since=text, until=text, cursor=text)}"]
        pages += [f"/runs/{run_id}?event={seq}" for seq in range(number)]
        pages += [f"/sign-in?{httpx.QueryParams(next=text)}", f"/{httpx.QueryParams({text: text})}"]
        for address in pages:
            reply = found.client.get(address)
            assert reply.status_code in (200, 400, 404), (address, reply.text[:300])
            harmless(read(reply.text))
            assert not HIDING.search(reply.text), (address, HIDING.search(reply.text))
            assert "7 * 7" in reply.text or "49" not in reply.text or "{{" not in text


def test_a_line_of_a_megabyte_is_cut_and_the_cut_is_said(tmp_path: Path) -> None:
    write_desk(tmp_path)
    with written_log(tmp_path / "remit.db") as log:
        log.run(
            *every_kind(IDS[0], "x" * 1_000_000), run_id=IDS[0], agent="order-desk", input="y" * 1_000_000
        )
    with console_of(tmp_path, advances=False) as found:
        for address in (f"/runs/{IDS[0]}", f"/runs/{IDS[0]}?event=0", f"/review/{IDS[0][:-1]}c", "/review"):
            reply = found.client.get(address)
            assert reply.status_code == 200
            assert len(reply.content) < 400_000, address
        assert "more characters" in found.client.get(f"/runs/{IDS[0]}?event=0").text


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.html.j2", "a.txt"])
def test_everything_is_escaped_whatever_the_file_is_called(name: str) -> None:
    environment = web.environment()
    environment.loader = jinja2.DictLoader({name: "{{ text }}"})
    assert environment.get_template(name).render(text="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError):
        environment.get_template(name).render()


def test_no_template_says_that_something_is_safe() -> None:
    folder = Path(web.__file__).parent / "templates"
    texts = [file.read_text(encoding="utf-8") for file in folder.rglob("*.html")]
    assert len(texts) >= 8
    assert not [text for text in texts if re.search(r"\|\s*safe|autoescape|style=| on\w+=|javascript:", text)]


ADDRESSES = (
    "/",
    "/runs",
    "/review",
    "/notifications",
    "/agents/order-desk",
    "/sign-in",
    "/nothing",
    "/runs/x",
    "/static/x/y.js",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("role", [None, Role.REVIEWER, Role.CALLER])
def test_every_answer_carries_the_policy(served, role: Role | None, address: str) -> None:
    found, _ = served
    client = found.client if role is None else signed_in(found, role)
    for reply in (client.get(address), client.post(address), client.put(address)):
        policy = reply.headers["content-security-policy"]
        assert policy == mounting.POLICY
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "same-origin"


def test_whoever_is_not_signed_in_is_led_to_the_form_and_back(served) -> None:
    found, _ = served
    client = found.client_with()
    for method in ("HEAD", "GET"):
        reply = client.request(method, "/runs?q=outcome:failed")
        assert reply.status_code == 303
        assert reply.headers["location"] == "/sign-in?next=/runs%3Fq%3Doutcome%3Afailed"
    key = found.issue(Role.OPERATOR).secret
    reply = client.post("/sign-in", data={"key": key, "next": "/runs?q=outcome:failed"})
    assert reply.headers["location"] == "/runs?q=outcome:failed"
    cookie = reply.headers["set-cookie"]
    assert all(word in cookie for word in (COOKIE, "HttpOnly", "SameSite=lax", "Path=/"))


@pytest.mark.parametrize(
    "target", ["https://example.com", "//example.com", "/\\example.com", "javascript:x", "x"]
)
def test_nobody_is_led_to_another_site(served, target: str) -> None:
    found, _ = served
    key = found.issue(Role.OPERATOR).secret
    reply = found.client_with().post("/sign-in", data={"key": key, "next": target})
    assert reply.headers["location"] == "/"


def test_a_wrong_key_is_told_so_and_opens_nothing(served) -> None:
    found, _ = served
    client = found.client_with()
    reply = client.post("/sign-in", data={"key": "remit_no", "next": "/"})
    assert reply.status_code == 403
    assert "set-cookie" not in reply.headers
    assert read(reply.text).one("p", role="alert").text()


CASE = "/review/{case}"
RETRY = "/notifications/retry"
"""Its form stands on the page of notifications, which has tests of its own."""
POSTS = {
    CASE: (Act.DECIDE, {"decision": "approve"}),
    "/review/{case}/reserve": (Act.DECIDE, {}),
    "/review/{case}/snooze": (Act.DECIDE, {"for": "an hour"}),
    "/review/{case}/hand": (Act.DECIDE, {"to": "front-desk"}),
    "/runs/{run}/cancel": (Act.CANCEL, {"reason": "no"}),
    "/runs/{run}/rating": (Act.GIVE_FEEDBACK, {"rating": "good"}),
    RETRY: (Act.RETRY_NOTIFICATIONS, {"notification": "x"}),
}


def address_of(found: Served, runs: dict[str, str], path: str, client: httpx.Client) -> str:
    cases = client.get("/review?queue=refunds", headers=JSON)
    case = cases.json()["cases"][0]["case_id"] if cases.status_code == 200 else "x"
    return path.format(case=case, run=runs["waiting"])


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "forged", ["no token", "wrong token", "another session's", "another site", "no cookie"]
)
def test_a_change_that_comes_from_elsewhere_is_not_taken(served, path: str, forged: str) -> None:
    found, runs = served
    _, form = POSTS[path]
    client, other = signed_in(found, Role.ADMIN), signed_in(found, Role.ADMIN)
    address = address_of(found, runs, path, client)
    own = csrf_of(client.cookies[COOKIE])
    tokens = {"no token": "", "wrong token": "0" * 64, "another session's": csrf_of(other.cookies[COOKIE])}
    headers = {"origin": "https://example.com"} if forged == "another site" else {}
    if forged == "no cookie":
        client.cookies.clear()
    reply = client.post(address, data={**form, "csrf": tokens.get(forged, own)}, headers=headers)
    assert reply.status_code == 403
    entries = found.service.log.read(runs["waiting"])
    assert entries[-1].kind == "case_opened"


def test_signing_out_needs_the_token_and_ends_the_session(served) -> None:
    found, _ = served
    client = signed_in(found, Role.REVIEWER)
    assert client.post("/sign-out").status_code == 403
    assert client.get("/runs").status_code == 200
    token = client.cookies[COOKIE]
    assert client.post("/sign-out", data={"csrf": csrf_of(token)}).status_code == 303
    client.cookies.set(COOKIE, token)
    assert client.get("/runs").status_code == 303


SEES = {
    "/": Act.READ,
    "/runs": Act.READ,
    "/runs/{run}": Act.READ,
    "/review": Act.SEE_CASES,
    "/notifications": Act.SEE_CASES,
    "/agents/order-desk": Act.SEE_AGENTS,
}


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR, Role.CALLER])
@pytest.mark.parametrize("path", SEES)
def test_a_role_sees_what_it_may(served, role: Role, path: str) -> None:
    found, runs = served
    reply = signed_in(found, role).get(path.format(run=runs["waiting"]))
    assert reply.status_code == (200 if SEES[path] in MAY[role] else 403)
    if reply.status_code == 403:
        assert f"The role {role} may not" in read(reply.text).text()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.OPERATOR])
def test_a_role_is_offered_what_it_may_do_and_nothing_else_is_taken(served, role: Role) -> None:
    found, runs = served
    client = signed_in(found, role)
    case = address_of(found, runs, CASE, client)
    forms = {
        form.attributes["action"]
        for form in read(client.get(case).text).all("form")
        if "action" in form.attributes
    }
    forms |= {
        form.attributes["action"]
        for form in read(client.get(f"/runs/{runs['waiting']}").text).all("form")
        if "action" in form.attributes
    }
    for path, (act, form) in POSTS.items():
        address = address_of(found, runs, path, client)
        assert (address in forms) == (act in MAY[role] and path != RETRY), address
        if act not in MAY[role]:
            reply = client.post(address, data={**form, "csrf": csrf_of(client.cookies[COOKIE])})
            assert reply.status_code == 403


def test_an_operator_sees_personal_data_masked_and_a_reviewer_as_it_is(tmp_path: Path) -> None:
    write_desk(tmp_path)
    runs = seed(tmp_path, {"one": "legal advice, write to ann@example.com"})
    with console_of(tmp_path, advances=False) as found:
        found.issue(Role.ADMIN)
        address = f"/runs/{runs['one']}"
        assert "ann@example.com" in signed_in(found, Role.REVIEWER).get(address).text
        assert "ann@example.com" not in signed_in(found, Role.OPERATOR).get(address).text


def test_restricted_people_see_their_own(served) -> None:
    found, runs = served
    client = signed_in(found, Role.REVIEWER, queues=("front-desk",), tenants=("other",))
    assert client.get("/runs", headers=JSON).json()["runs"] == []
    assert client.get(f"/runs/{runs['waiting']}").status_code == 404
    assert client.get("/review", headers=JSON).json()["cases"] == []


@pytest.mark.parametrize(
    ("scheme", "public_url", "secure"),
    [
        ("http", "", False),
        ("https", "", True),
        ("http", "https://desk.example.com", True),
        ("http", "http://desk.example.com", False),
    ],
)
def test_a_session_goes_over_tls_alone_wherever_people_come_by_tls(
    scheme: str, public_url: str, secure: bool
) -> None:
    cookie = session_cookie("token", scheme=scheme, public_url=public_url)
    assert (cookie.secure, cookie.httponly, cookie.samesite) == (secure, True, "lax")
