"""A scripted client and a scripted server that break the rules, over real connections on port 5222.

Both ends are played here: a line is written by one end, and the other has read all of it before the next is. Nobody answers of
themselves. Usage: rude.py
"""

import socket
import struct
import time

ADDRESS = ("127.0.0.1", 5222)
C, S = 0, 1  # the client, the server
ROMEO = "romeo@chat.example/orchard"
JULIET = "juliet@chat.example/balcony"
STREAMS = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
SASL = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
STANZAS = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"
ERRORS = "xmlns='urn:ietf:params:xml:ns:xmpp-streams'"
SM = "xmlns='urn:xmpp:sm:3'"
PING = "<ping xmlns='urn:xmpp:ping'/>"
CUT, END = "cut", "end"  # the client's RST; both ends' FIN


def opened(number):
    return [
        (C, f"<?xml version='1.0'?><stream:stream to='chat.example' version='1.0' {STREAMS}>"),
        (S, f"<?xml version='1.0'?><stream:stream from='chat.example' id='rude-{number}' version='1.0' {STREAMS}>"),
    ]


# The password is sent as it is (RFC 4616), without TLS.
SIGN_IN = [
    (S, f"<stream:features><mechanisms {SASL}><mechanism>PLAIN</mechanism></mechanisms></stream:features>"),
    (C, f"<auth {SASL} mechanism='PLAIN'>AHJvbWVvAGNvcnJlY3QgaG9yc2U=</auth>"),
    (S, f"<success {SASL}/>"),
]
FEATURES = [(S, f"<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm {SM}/></stream:features>")]
BIND = [
    (C, "<iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>orchard</resource></bind></iq>"),
    (S, f"<iq type='result' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{ROMEO}</jid></bind></iq>"),
]


def bound(number):
    return opened(number) + SIGN_IN + opened(number) + FEATURES + BIND


def stream_error(condition):
    return (S, f"<stream:error><{condition} {ERRORS}/></stream:error></stream:stream>")


STORIES = {
    "stanzas before anybody is bound": [
        *opened(1),
        (C, "<message to='juliet@chat.example' id='early1'><body>before signing in</body></message>"),
        *SIGN_IN, *opened(2), *FEATURES,
        (C, "<presence/>"),
        (C, "<iq type='get' id='early2'><query xmlns='jabber:iq:roster'/></iq>"),
        (S, "<iq type='error' id='early2'><error type='auth'><not-authorized " + STANZAS + "/></error></iq>"),
        stream_error("not-authorized"), END,
    ],
    "stanzas that are none, and stanzas with too much or too little": [
        *bound(3),
        (C, f"<iq type='get' to='chat.example'>{PING}</iq>"),
        (C, f"<iq type='get' id='two' to='chat.example'>{PING}<query xmlns='jabber:iq:roster'/></iq>"),
        (S, f"<iq type='error' id='two' from='chat.example' to='{ROMEO}'><error type='modify'><bad-request {STANZAS}/></error></iq>"),
        (C, "<iq type='get' id='none' to='chat.example'/>"),
        (C, f"<iq type='fetch' id='odd' to='chat.example'>{PING}</iq>"),
        (C, f"<iq id='typeless' to='chat.example'>{PING}</iq>"),
        (C, "<message to='juliet@chat.example' type='shout' id='m1'><body>of a type that nobody knows</body></message>"),
        (C, "<message to='juliet@chat.example' type='chat' id='m2'><body>one</body><body>two in one language</body></message>"),
        (C, "<presence><priority>200</priority></presence>"),
        (C, "<presence><priority>high</priority><show>sleepy</show></presence>"),
        (C, "<presence type='invisible'/>"),
        (C, "<message from='mallory@elsewhere.example/x' to='juliet@chat.example' id='m3'><body>forged</body></message>"),
        (C, "<message to='@chat.example' id='m4'><body>to no address</body></message>"),
        (C, "<message to='juliet@chat.example' type='error' id='m5'><body>an error that does not say which</body></message>"),
        (C, "<message to='juliet@chat.example' id='m6'><body>&lt;not xmpp&gt;</body><x:y xmlns:x='jabber:server'/></message>"),
        (C, "<message xmlns='jabber:server' to='juliet@chat.example' id='m7'><body>of the other namespace</body></message>"),
        (C, "<greeting xmlns='urn:example:hello'/>"),
        (C, "</stream:stream>"), (S, "</stream:stream>"), END,
    ],
    "requests without answers, and answers without requests": [
        *bound(4),
        (C, f"<iq type='get' id='unanswered' to='chat.example'>{PING}</iq>"),
        (S, f"<iq type='result' id='nobody-asked' from='chat.example' to='{ROMEO}'/>"),
        (C, f"<iq type='get' id='same' to='chat.example'>{PING}</iq>"),
        (C, f"<iq type='get' id='same' to='chat.example'>{PING}</iq>"),
        (S, f"<iq type='result' id='same' from='chat.example' to='{ROMEO}'/>"),
        (C, f"<iq type='get' id='twice' to='{JULIET}'>{PING}</iq>"),
        (S, f"<iq type='result' id='twice' from='{JULIET}' to='{ROMEO}'/>"),
        (S, f"<iq type='result' id='twice' from='{JULIET}' to='{ROMEO}'/>"),
        (C, f"<iq type='get' id='other' to='{JULIET}'>{PING}</iq>"),
        (S, f"<iq type='result' id='other' from='mallory@chat.example/x' to='{ROMEO}'/>"),
        (S, f"<iq type='get' id='from-server' from='chat.example' to='{ROMEO}'>{PING}</iq>"),
        (C, "<iq type='error' id='from-server' to='chat.example'/>"),
        (S, f"<message from='{JULIET}' to='somebody.else@chat.example' id='m8'><body>astray</body></message>"),
        (C, "</stream:stream>"), (S, "</stream:stream>"),
        (S, f"<message from='{JULIET}' to='{ROMEO}' id='m9'><body>after the end</body></message>"), END,
    ],
    "counting wrongly (XEP-0198)": [
        *bound(5),
        (C, f"<enable {SM}/>"), (S, f"<enabled {SM}/>"),
        (C, "<message to='juliet@chat.example' id='s1'><body>first</body></message>"),
        (C, "<message to='juliet@chat.example' id='s2'><body>second</body></message>"),
        (C, f"<r {SM}/>"), (S, f"<a {SM} h='2'/>"),
        (C, f"<r {SM}/>"), (S, f"<a {SM} h='1'/>"),
        (C, f"<r {SM}/>"), (S, f"<a {SM} h='40'/>"),
        (S, f"<r {SM}/>"), (C, f"<a {SM}/>"),
        (C, f"<enable {SM}/>"),
        (S, f"<failed {SM}><unexpected-request {STANZAS}/></failed>"),
        (C, "</stream:stream>"), (S, "</stream:stream>"), END,
    ],
    "a comment, and an instruction": [
        *bound(6),
        (C, "<!-- hush --><message to='juliet@chat.example' id='c1'><body>behind a comment</body></message>"),
        (C, "<message to='juliet@chat.example' id='c2'><!-- inside --><body>around a comment</body></message>"),
        (C, "<?php echo 1 ?>"),
        stream_error("restricted-xml"), END,
    ],
    "text between stanzas": [
        *bound(7),
        (C, "<presence/> hello? <presence/>"),
        (C, "\n\n"),
        stream_error("bad-format"), END,
    ],
    "not well-formed": [
        *bound(8),
        (C, "<message to='juliet@chat.example' id='w1'><body>before it</body></message>"),
        (C, "<message to='juliet@chat.example' id='w2'><body>crossed</message></body>"),
        (C, "<presence/>"),
        stream_error("not-well-formed"), END,
    ],
    "octets that are no UTF-8": [
        *bound(9),
        (C, b"<message to='juliet@chat.example' id='u1'><body>\xff\xfe\xc3\x28</body></message>"),
        stream_error("not-well-formed"), END,
    ],
    "an entity of its own": [
        (C, "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'>]>"
            f"<stream:stream to='chat.example' version='1.0' {STREAMS}><message><body>&lol;</body></message>"),
        (S, f"<?xml version='1.0'?><stream:stream from='chat.example' id='rude-10' version='1.0' {STREAMS}>"),
        stream_error("restricted-xml"), END,
    ],
    "no XMPP at all": [
        (C, "GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n"),
        (S, f"<?xml version='1.0'?><stream:stream from='chat.example' id='rude-11' version='1.0' {STREAMS}>"),
        stream_error("bad-format"), END,
    ],
    "cut in the middle of a stanza": [
        *bound(12),
        (C, "<message to='juliet@chat.example' type='chat' id='last'><body>this sentence has no"), CUT,
    ],
}


def read(end, octets):
    while octets > 0:
        octets -= len(end.recv(octets))


def play(listener, lines):
    client = socket.create_connection(ADDRESS)
    server, _ = listener.accept()
    ends = (client, server)
    for end in ends:
        end.settimeout(5)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for line in lines:
        time.sleep(0.01)
        if line == CUT:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif line != END:
            side, text = line
            octets = text if isinstance(text, bytes) else text.encode()
            ends[side].sendall(octets)
            read(ends[1 - side], len(octets))
    client.close()
    time.sleep(0.01)
    server.close()


with socket.create_server(ADDRESS) as listener:
    for lines in STORIES.values():
        play(listener, lines)
