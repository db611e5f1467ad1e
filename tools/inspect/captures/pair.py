"""Two `chatdev` clients that talk while a capture is recorded: check-ins, messages over their peer stream, and one of them leaves.

Usage: pair.py FOLDER CHATDEV FINGERPRINT KEYS
FOLDER keeps what they remember, and has the file `password`; KEYS gets the secrets of their connections.
"""

import json
import queue
import subprocess
import sys
import threading

FOLDER, CHATDEV, FINGERPRINT, KEYS = sys.argv[1:]
DOMAIN = "chat.example"
PATIENCE = 20  # seconds that any single step may take


class Person:
    """`chatdev pipe`: commands in, events out."""

    def __init__(self, name, port):
        self.jid = f"{name}@{DOMAIN}"
        self.process = subprocess.Popen(
            [CHATDEV, "pipe", "--data", f"{FOLDER}/{name}", "--account", self.jid, "--server", "127.0.0.1:5222", "--password-file",
             f"{FOLDER}/password", "--trust", FINGERPRINT, "--nick", name.title(), "--listen", f"127.0.0.1:{port}", "--key-log", KEYS],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.events = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.until(lambda event: event.get("event") == "signed-in")

    def read(self):
        for line in self.process.stdout:
            self.events.put(json.loads(line))
        self.events.put(None)

    def until(self, wanted):
        while True:
            event = self.events.get(timeout=PATIENCE)
            if event is None:
                raise AssertionError(f"{self.jid} ended")
            if wanted(event):
                return event

    def does(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def says(self, hearer, text):
        """Sends, waits until the other has it, and until it is acknowledged."""
        self.does(do="send", to=hearer.jid, text=text)
        got = hearer.until(lambda event: event.get("event") == "message")
        assert got["text"] == text and got["path"] == "direct", got
        self.until(lambda event: event.get("event") == "message-state" and event.get("state") == "delivered")

    def leaves(self):
        self.does(do="quit")
        assert self.process.wait(PATIENCE) == 0


def talk(people):
    alice = Person("alice", 5298)
    people.append(alice)
    bob = Person("bob", 5299)
    people.append(bob)
    alice.says(bob, "hello Bob")
    bob.says(alice, "hello Alice, <&> and \U0001f343")
    bob.does(do="status", show="away", status="at lunch")
    alice.until(lambda event: event.get("event") == "changed" and event.get("status") == "at lunch")
    alice.says(bob, "one more: " + "all work and no play " * 120)
    bob.says(alice, "and the last")
    bob.leaves()
    alice.until(lambda event: event.get("event") == "gone")
    alice.leaves()


people = []
try:
    talk(people)
finally:
    for person in people:
        if person.process.poll() is None:
            person.process.kill()
            person.process.wait()
