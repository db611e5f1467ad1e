"""An ordinary XMPP client (slixmpp) against chatdevd, beside ChatDev users.

Starts a real server on a free loopback port in a temporary folder, adds accounts, and walks through what
an ordinary client needs. Each step prints one line; the first that fails ends the run with a non-zero code.
Usage: slixmpp_beside_chatdev.py FOLDER_WITH_PROGRAMS
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import slixmpp
from slixmpp.exceptions import IqError

PROGRAMS = Path(sys.argv[1])
DOMAIN = "localhost"
PATIENCE = 20  # seconds that any single step may take
DIRECTORY = "urn:chatdev:directory:1"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def step(text):
    print(f"  ok  {text}", flush=True)


def expect(condition, text):
    if not condition:
        raise AssertionError(text)
    step(text)


class Person(slixmpp.ClientXMPP):
    """A slixmpp client that records what reaches it."""

    def __init__(self, jid, password, certificate, direct_tls=False):
        super().__init__(jid, password)
        self.ca_certs = certificate
        self.enable_plaintext = False
        self.enable_direct_tls = direct_tls
        self.enable_starttls = not direct_tls
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")
        self.inbox = asyncio.Queue()
        self.pings = asyncio.Queue()
        self.echoes = asyncio.Queue()
        self.started = asyncio.get_event_loop().create_future()
        self.refused = asyncio.get_event_loop().create_future()
        self.add_event_handler("session_start", self.on_start)
        self.add_event_handler("failed_all_auth", self.on_refused)
        self.add_event_handler("message", lambda message: self.inbox.put_nowait(message))
        self.add_event_handler("presence_available", lambda presence: self.echoes.put_nowait(presence))
        self.add_filter("in", self.on_stanza)

    def on_stanza(self, stanza):
        if isinstance(stanza, slixmpp.Iq) and stanza["type"] == "get":
            if stanza.xml.find("{urn:xmpp:ping}ping") is not None:
                self.pings.put_nowait(stanza["from"].full)
        return stanza

    async def on_start(self, _):
        self.send_presence()
        await self.get_roster()
        if not self.started.done():
            self.started.set_result(self.boundjid.full)

    def on_refused(self, _):
        if not self.refused.done():
            self.refused.set_result(True)

    def mechanism(self):
        return self.plugin["feature_mechanisms"].mech.name

    async def within(self, awaitable):
        return await asyncio.wait_for(awaitable, PATIENCE)


class Chat:
    """`chatdev listen --json` of one ChatDev user, its lines as they come."""

    def __init__(self, world, name):
        self.name, self.world = name, world

    async def start(self):
        self.process = await asyncio.create_subprocess_exec(
            *self.world.chatdev(self.name, "listen", "--json"), stdout=asyncio.subprocess.PIPE)
        await self.line(lambda event: event["event"] == "signed-in")
        return self

    async def line(self, wanted):
        async def read():
            while True:
                line = await self.process.stdout.readline()
                if not line:
                    raise AssertionError(f"chatdev listen of {self.name} ended")
                event = json.loads(line)
                if wanted(event):
                    return event
        return await asyncio.wait_for(read(), PATIENCE)

    async def stop(self):
        self.process.send_signal(signal.SIGTERM)
        await self.process.wait()


class World:
    """A server in a temporary folder, and the commands that talk to it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.data = self.folder / "server"
        self.secret = self.folder / "password"
        self.secret.write_text("correct horse\n")

    def chatdevd(self, *arguments):
        return [PROGRAMS / "chatdevd", "--data", self.data, *arguments]

    def chatdev(self, name, *arguments):
        return [PROGRAMS / "chatdev", "--data", self.folder / f"chatdev-{name}",
                "--account", f"{name}@{DOMAIN}", "--server", f"127.0.0.1:{self.port}",
                "--password-file", self.secret, "--trust", self.fingerprint(), *arguments]

    def fingerprint(self):
        der = subprocess.run(["openssl", "x509", "-in", self.certificate(), "-noout", "-fingerprint", "-sha256"],
                             check=True, capture_output=True, text=True).stdout
        return der.strip().split("=", 1)[1]

    def certificate(self):
        return str(self.data / "certificate.pem")

    def add(self, name):
        subprocess.run(self.chatdevd("account", "add", f"{name}@{DOMAIN}", "--password-file", self.secret), check=True, stdout=subprocess.DEVNULL)

    async def start(self):
        config = self.folder / "chatdevd.toml"
        config.write_text('[directory]\ninterval_seconds = 2\nlimit_seconds = 8\n\n[registration]\nopen = false\n')
        for name in ("romeo", "juliet", "alice", "bob"):
            self.add(name)
        self.process = await asyncio.create_subprocess_exec(
            *self.chatdevd("--config", config, "--listen", f"127.0.0.1:{self.port}"),
            stderr=open(self.folder / "server.log", "w"))
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.05)
        raise AssertionError("the server does not listen")

    async def stop(self):
        self.process.send_signal(signal.SIGTERM)
        expect(await asyncio.wait_for(self.process.wait(), PATIENCE) == 0, "the server stops cleanly")

    async def person(self, name, password="correct horse", **options):
        person = Person(f"{name}@{DOMAIN}", password, self.certificate(), **options)
        person.connect(host="127.0.0.1", port=self.port)
        return person

    def who(self):
        listing = subprocess.run(self.chatdev("alice", "who", "--json"), check=True, capture_output=True, text=True)
        return [json.loads(line) for line in listing.stdout.splitlines()]


async def ordinary_clients(world):
    romeo = await world.person("romeo")
    await romeo.within(romeo.started)
    expect(romeo.mechanism().startswith("SCRAM-"), f"signs in over STARTTLS with {romeo.mechanism()}")
    expect(romeo.boundjid.resource, f"is bound to {romeo.boundjid.full}")
    echo = await romeo.within(romeo.echoes.get())
    expect(echo["from"].full == romeo.boundjid.full, "gets its own presence back")
    juliet = await world.person("juliet", direct_tls=True)
    await juliet.within(juliet.started)
    expect(juliet.boundjid.resource, "another signs in over TLS from the first byte")

    features = (await romeo.plugin["xep_0030"].get_info(jid=DOMAIN))["disco_info"]["features"]
    expect("urn:xmpp:ping" in features and DIRECTORY in features, "the server answers disco#info")
    info = await romeo.plugin["xep_0030"].get_info(jid=juliet.boundjid.full)
    expect("urn:xmpp:ping" in info["disco_info"]["features"], "disco#info goes through to another client and back")
    await romeo.plugin["xep_0199"].send_ping(DOMAIN)
    await romeo.plugin["xep_0199"].send_ping(juliet.boundjid.full)
    step("the server and another client answer pings")
    expect(await romeo.within(romeo.pings.get()) == DOMAIN, "is pinged by the server when silent")
    try:
        await romeo.make_iq_get(queryxmlns="urn:example:unknown", ito=DOMAIN).send(timeout=PATIENCE)
        raise AssertionError("an unknown iq was answered with a result")
    except IqError as error:
        expect(error.condition == "service-unavailable", "an unknown iq is service-unavailable")

    for address, what in ((juliet.boundjid.full, "full"), (juliet.boundjid.bare, "bare")):
        text = f"to your {what} JID: <&> ünïcödé 🎈"
        romeo.send_message(mto=address, mbody=text, mtype="chat")
        message = await juliet.within(juliet.inbox.get())
        expect(message["body"] == text and message["from"].full == romeo.boundjid.full,
               f"a message by {what} JID arrives as it was sent")
    mallory = await world.person("romeo", password="wrong")
    expect(await mallory.within(mallory.refused), "a wrong password is refused")
    await mallory.disconnect()
    return romeo, juliet


async def beside_chatdev_users(world, romeo):
    before = {user["jid"].split("/")[0] for user in world.who()}
    expect({"romeo@localhost", "juliet@localhost"} <= before, "ordinary clients stand in the directory")
    bob = await Chat(world, "bob").start()
    romeo.send_message(mto="bob@localhost", mbody="hello ChatDev", mtype="chat")
    got = await bob.line(lambda event: event["event"] == "message")
    expect(got["text"] == "hello ChatDev" and not got["sealed"], "a ChatDev user gets an ordinary message, marked as not sealed")
    sent = await asyncio.create_subprocess_exec(*world.chatdev("alice", "send", "bob@localhost", "just between us"), stdout=subprocess.DEVNULL)
    got = await bob.line(lambda event: event["event"] == "message")
    expect(await sent.wait() == 0 and got["text"] == "just between us" and got["sealed"] and got["path"] == "direct",
           "ChatDev users beside them talk directly as ever")
    answer = await asyncio.create_subprocess_exec(*world.chatdev("alice", "send", "romeo@localhost", "good evening"), stdout=subprocess.DEVNULL)
    message = await romeo.within(romeo.inbox.get())
    expect(await answer.wait() == 0 and message["body"] == "good evening", "a ChatDev user's message reaches the ordinary client")
    await bob.stop()


async def main():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        await world.start()
        try:
            romeo, juliet = await ordinary_clients(world)
            await beside_chatdev_users(world, romeo)
            await romeo.disconnect()
            await juliet.disconnect()
            await world.stop()
        except BaseException:
            print((world.folder / "server.log").read_text()[-4000:], file=sys.stderr)
            world.process.kill()
            raise
    print("an ordinary client: all as it should be")


os.environ.setdefault("NO_COLOR", "1")
asyncio.run(main())
