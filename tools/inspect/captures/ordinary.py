"""Ordinary XMPP clients (slixmpp) that talk to a server while a capture is recorded.

Each scene is a conversation that shows what an inspector should understand; a step that does not come true ends it with an exception,
so that no capture lacks what its line in testdata/captures/README.md says.
Usage: ordinary.py SCENE ADDRESS [--tls starttls|direct --certificate FILE [--keys FILE] [--ciphers ROMEO JULIET]]
The scene `briefly` takes ciphers for TLS 1.2, in OpenSSL's words, one choice for each of the two.
"""

import argparse
import asyncio
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.exceptions import IqError

DOMAIN = "chat.example"
ROOM = f"balcony@rooms.{DOMAIN}"
PASSWORD = "correct horse"
PATIENCE = 15  # seconds that any single step may take
DIRECTORY = "urn:chatdev:directory:1"


class Person(slixmpp.ClientXMPP):
    """A client, and what reached it."""

    def __init__(self, jid, options, password=PASSWORD, plugins=()):
        super().__init__(jid, password, plugin_config={"feature_mechanisms": {"unencrypted_scram": True}})
        self.enable_plaintext = options.tls is None
        self.enable_starttls = options.tls == "starttls"
        self.enable_direct_tls = options.tls == "direct"
        if options.tls:
            self.ca_certs = options.certificate
            if options.keys:
                self.ssl_context.keylog_filename = options.keys
        for plugin in ("xep_0030", "xep_0199", *plugins):
            self.register_plugin(plugin)
        self.options = options
        self.inbox = asyncio.Queue()
        self.happened = asyncio.Queue()
        self.add_event_handler("message", self.inbox.put_nowait)
        for event in ("session_start", "session_resumed", "failed_all_auth", "disconnected", "sm_enabled"):
            self.add_event_handler(event, lambda _, event=event: self.happened.put_nowait(event))

    def port(self):
        return 5223 if self.options.tls == "direct" else 5222

    async def until(self, wanted):
        while await asyncio.wait_for(self.happened.get(), PATIENCE) != wanted:
            pass

    async def sign_in(self):
        self.connect(host=self.options.address, port=self.port())
        await self.until("session_start")
        return self

    async def hears(self, text):
        """The next message with a body is this one."""
        while True:
            message = await asyncio.wait_for(self.inbox.get(), PATIENCE)
            if message["body"]:
                assert message["body"] == text, f"expected {text!r}; found {message['body']!r}"
                return message

    async def ask(self, iq):
        return await iq.send(timeout=PATIENCE)

    async def is_refused(self, condition, to):
        try:
            await self.ask(self.make_iq_get(queryxmlns="urn:example:unknown", ito=to))
        except IqError as error:
            assert error.condition == condition, error.condition
            return
        raise AssertionError("an unknown iq was answered with a result")

    async def sign_out(self):
        self.send_presence(ptype="unavailable")
        await self.disconnect()


async def a_wrong_password(options):
    mallory = Person(f"romeo@{DOMAIN}/garden", options, password="wrong")
    mallory.connect(host=options.address, port=mallory.port())
    await mallory.until("failed_all_auth")
    await mallory.disconnect()


# --- chatdevd: presence, requests, and the directory by hand


def check_in(person, since=None, port=None, status=None):
    """A check-in: with a port everything about oneself, without one a heartbeat."""
    iq = person.make_iq_set(ito=DOMAIN)
    element = ET.Element(f"{{{DIRECTORY}}}check-in", {"since": since} if since else {})
    if port:
        profile = ET.SubElement(element, f"{{{DIRECTORY}}}profile", {"nick": person.boundjid.user.title()})
        if status:
            ET.SubElement(profile, f"{{{DIRECTORY}}}status").text = status
        ET.SubElement(element, f"{{{DIRECTORY}}}endpoint", {"host": "127.0.0.1", "port": str(port)})
        fingerprint = ET.SubElement(element, "{urn:xmpp:jingle:apps:dtls:0}fingerprint", {"hash": "sha-256"})
        fingerprint.text = ":".join(f"{(port * 7 + n * 31) % 256:02X}" for n in range(32))
    iq.append(element)
    return iq


async def checks_in(person, expected, **what):
    answer = (await person.ask(check_in(person, **what))).xml.find(f"{{{DIRECTORY}}}online")
    told = [(child.tag.split("}")[1], child.get("jid", "").split("@")[0]) for child in answer if child.get("jid")]
    assert told == expected, f"expected {expected}; found {told}"
    return answer.get("version")


async def chatdevd(options):
    await a_wrong_password(options)
    romeo = await Person(f"romeo@{DOMAIN}/orchard", options).sign_in()
    romeo.send_presence(ppriority=5)
    await romeo.get_roster()
    await romeo.plugin["xep_0030"].get_info(jid=DOMAIN)
    await romeo.plugin["xep_0030"].get_items(jid=DOMAIN)
    version = await checks_in(romeo, [("user", "romeo")], port=5298)
    version = await checks_in(romeo, [], since=version)

    juliet = await Person(f"juliet@{DOMAIN}/balcony", options).sign_in()
    juliet.send_presence(pshow="chat", pstatus="on the balcony")
    await juliet.get_roster()
    hers = await checks_in(juliet, [("user", "romeo"), ("user", "juliet")], port=5299, status="on the balcony")
    version = await checks_in(romeo, [("user", "juliet")], since=version)

    await romeo.plugin["xep_0199"].send_ping(DOMAIN)
    await romeo.plugin["xep_0199"].send_ping(juliet.boundjid.full)
    await juliet.plugin["xep_0030"].get_info(jid=romeo.boundjid.full)
    romeo.send_message(mto=f"juliet@{DOMAIN}", mbody="But, soft! what light through yonder window breaks?", mtype="chat")
    await juliet.hears("But, soft! what light through yonder window breaks?")
    juliet.send_message(mto=romeo.boundjid.full, mbody="Ay me! <&> \U0001f339", mtype="chat")
    await romeo.hears("Ay me! <&> \U0001f339")
    romeo.send_message(mto=f"juliet@{DOMAIN}", mbody="O, speak again, bright angel! " * 60, mtype="normal")
    await juliet.hears("O, speak again, bright angel! " * 60)
    romeo.send_message(mto=f"nobody@{DOMAIN}", mbody="Is anybody there?", mtype="chat")
    await romeo.is_refused("service-unavailable", DOMAIN)
    await romeo.is_refused("service-unavailable", f"nobody@{DOMAIN}/nowhere")
    romeo.send_raw(" ")

    juliet.send_presence(pshow="away", pstatus="Nurse calls")
    version = await checks_in(romeo, [("user", "juliet")], since=version)
    # Silent for half of the limit, both are pinged by the server.
    await asyncio.sleep(2.5)
    hers = await checks_in(juliet, [("user", "juliet")], since=hers)
    await juliet.sign_out()
    await asyncio.sleep(0.3)
    await checks_in(romeo, [("gone", "juliet")], since=version)
    await romeo.sign_out()


# --- Prosody: what a modern client does


async def befriend(romeo, juliet):
    """Subscriptions both ways: slixmpp grants, and asks in return."""
    both = asyncio.Event()
    romeo.add_event_handler("roster_update", lambda _: romeo.client_roster[f"juliet@{DOMAIN}"]["subscription"] == "both" and both.set())
    romeo.send_presence_subscription(pto=f"juliet@{DOMAIN}", ptype="subscribe")
    await asyncio.wait_for(both.wait(), PATIENCE)


async def chat(romeo, juliet, phone):
    for state in ("composing", "paused"):
        message = romeo.make_message(mto=juliet.boundjid.full, mtype="chat")
        message["chat_state"] = state
        message.send()
    receipt = asyncio.get_event_loop().create_future()
    romeo.add_event_handler("receipt_received", lambda got: receipt.done() or receipt.set_result(got))
    message = romeo.make_message(mto=juliet.boundjid.full, mbody="Lady, by yonder blessed moon I swear", mtype="chat")
    message["chat_state"] = "active"
    message["request_receipt"] = True
    message.send()
    await juliet.hears("Lady, by yonder blessed moon I swear")
    await asyncio.wait_for(receipt, PATIENCE)
    juliet.send_message(mto=romeo.boundjid.full, mbody="O, swear not by the moon, th' inconstant moon", mtype="chat")
    await romeo.hears("O, swear not by the moon, th' inconstant moon")
    copy = await asyncio.wait_for(phone.copies.get(), PATIENCE)
    assert copy is not None


async def meet_in_a_room(romeo, juliet):
    for person, nick in ((romeo, "Romeo"), (juliet, "Juliet")):
        await person.plugin["xep_0045"].join_muc_wait(slixmpp.JID(ROOM), nick, timeout=PATIENCE)
    romeo.send_message(mto=ROOM, mbody="Good morrow to all", mtype="groupchat")
    await juliet.hears("Good morrow to all")
    juliet.plugin["xep_0045"].leave_muc(ROOM, "Juliet")
    romeo.plugin["xep_0045"].leave_muc(ROOM, "Romeo")


async def resume(person):
    """The connection is lost, and the stream goes on in another."""
    person.transport.abort()
    await person.until("disconnected")
    person.connect(host=person.options.address, port=person.port())
    await person.until("session_resumed")


async def prosody(options):
    modern = ("xep_0045", "xep_0085", "xep_0184", "xep_0198", "xep_0280", "xep_0313", "xep_0352", "xep_0359")
    await a_wrong_password(options)
    people = [Person(f"{jid}", options, plugins=modern) for jid in
              (f"romeo@{DOMAIN}/orchard", f"juliet@{DOMAIN}/balcony", f"romeo@{DOMAIN}/phone")]
    romeo, juliet, phone = people
    phone.copies = asyncio.Queue()
    phone.add_event_handler("carbon_sent", phone.copies.put_nowait)
    for person in people:
        await person.sign_in()
        await person.get_roster()
        person.send_presence(ppriority=-1 if person is phone else 1)
    await phone.plugin["xep_0280"].enable()
    features = (await romeo.plugin["xep_0030"].get_info(jid=DOMAIN))["disco_info"]["features"]
    assert "urn:xmpp:carbons:2" in features
    await befriend(romeo, juliet)
    await chat(romeo, juliet, phone)
    await meet_in_a_room(romeo, juliet)
    await juliet.plugin["xep_0199"].send_ping(romeo.boundjid.full)
    await juliet.is_refused("service-unavailable", DOMAIN)
    await resume(juliet)
    romeo.send_message(mto=juliet.boundjid.full, mbody="Hist! Juliet, hist!", mtype="chat")
    await juliet.hears("Hist! Juliet, hist!")
    archived = [item async for item in juliet.plugin["xep_0313"].iterate(with_jid=f"romeo@{DOMAIN}")]
    assert archived, "nothing is in the archive"
    juliet.send_presence(pshow="away", pstatus="Nurse calls")
    await asyncio.sleep(0.3)
    for person in (phone, juliet, romeo):
        await person.sign_out()


# --- briefly, where it is about what lies below


async def briefly(options):
    romeo = Person(f"romeo@{DOMAIN}/orchard", options, plugins=("xep_0198",))
    juliet = Person(f"juliet@{DOMAIN}/balcony", options, plugins=("xep_0198",))
    romeo.ciphers, juliet.ciphers = options.ciphers
    for person in (romeo, juliet):
        await person.sign_in()
    for person in (romeo, juliet):
        await person.get_roster()
        person.send_presence()
    await romeo.plugin["xep_0030"].get_info(jid=DOMAIN)
    for number in range(1, 9):
        speaker, hearer = (romeo, juliet) if number % 2 else (juliet, romeo)
        text = f"{number}: " + "parting is such sweet sorrow " * (number * 4)
        speaker.send_message(mto=hearer.boundjid.full, mbody=text, mtype="chat")
        await hearer.hears(text)
    await romeo.plugin["xep_0199"].send_ping(juliet.boundjid.full)
    await juliet.sign_out()
    await romeo.sign_out()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("scene", choices=("chatdevd", "prosody", "briefly"))
    arguments.add_argument("address")
    arguments.add_argument("--tls", choices=("starttls", "direct"))
    arguments.add_argument("--certificate")
    arguments.add_argument("--keys")
    arguments.add_argument("--ciphers", nargs=2, default=(None, None))
    options = arguments.parse_args()
    asyncio.run({"chatdevd": chatdevd, "prosody": prosody, "briefly": briefly}[options.scene](options))


main()
