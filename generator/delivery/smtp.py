"""Messages handed to the owner's mail server, each with an answer that says whether it may have been taken.

A message is taken with the dot that ends it. What fails before the dot surely was not taken; what is lost after it may have
been, and only a person can find out. `Post.send` answers for one message and repeats nothing: when to try again is for its
caller, who has a journal.
"""

from __future__ import annotations

import re
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.delivery.smtp_letter import Letter, UnfitError, letter_of, options_for
from generator.delivery.smtp_session import PasswordRefusedError, Session, open_session
from generator.delivery.smtp_wire import Reply, Wire, WireError
from generator.errors import OutsideError
from generator.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from generator.config_delivery import SmtpSettings

#: The answer to a whole message may take longer than others, since it is read before; a question less for the owner.
_PATIENCE = 4
_LEAVE_IN_SECONDS = 5.0
_GO_ON = 354
_CLOSING = 421
_LOGIN_NEEDED = frozenset({530, 538})
_TOO_LARGE_CODE = 552
_TOO_LARGE = frozenset({"3.4", "2.3"})
_GONE_CODES = frozenset({550, 551, 553})
_GONE = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
_LIMIT = "4.5"
_SENDER = frozenset({"1.7", "1.8"})
_ADDRESS = re.compile(r"\S+@\S+")
_RATE = re.compile(
    r"rate.?limit|too (?:many|fast)|throttl|slow(?:ing)? down|sending (?:limit|quota)|(?:user|daily|hourly) [a-z ]*(?:limit|quota)",
    re.IGNORECASE,
)
_OUR_FAULT = re.compile(r"\brelay|sender address|authenticat", re.IGNORECASE)


class Verdict(StrEnum):
    """What became of a message."""

    SENT = "sent"  #: taken by the server
    LATER = "later"  #: surely not taken; another time it may be
    REFUSED = "refused"  #: surely not taken, and never will be
    UNCERTAIN = "uncertain"  #: handed over whole, and the answer was lost: taken or not


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one message. `text` is one line for the owner.

    `refused` are the recipients that were refused, with the server's words: beside SENT, the others got the message. `gone` are
    those of them who do not exist. `pause`: the server has had enough of us for now, the next message would fare no better.
    """

    verdict: Verdict
    text: str
    refused: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()
    pause: bool = False

    @property
    def address_gone(self) -> bool:
        """Whether an address does not exist any more, which the owner must hear of."""
        return bool(self.gone)


class Post:
    """The way to the mail server: one connection, opened when it is first needed, for as many messages as it bears.

    Raises OutsideError when the server cannot be used at all; whatever was being sent then surely was not taken.
    `on_step` is told, just before each of them: connect, mail, rcpt, data, dot (all but the final dot is out), answer (the dot is
    out, nothing was heard yet), quit.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        password: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        context: ssl.SSLContext | None = None,
        on_step: Callable[[str], None] | None = None,
    ) -> None:
        """`clock` and `sleep` pace the messages; `context` says whose certificates are trusted, by default those of the machine."""
        self._settings = settings
        self._password = password
        self._throttle = Throttle(settings.per_minute / 60, 1, clock=clock, sleep=sleep)
        self._context = context
        self._step = on_step or _nothing
        self._idle: Session | None = None
        self._shut = ""

    def __enter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Takes leave of the server, if it still listens; what was answered before holds in any case."""
        session, self._idle = self._idle, None
        if session is None:
            return
        try:
            self._step("quit")
            session.wire.hurry(_LEAVE_IN_SECONDS)
            with suppress(WireError):
                session.wire.command("QUIT")
        finally:
            session.wire.close()

    def open(self) -> None:
        """Connects and logs in now, so that a server that cannot be used is known before any message is announced."""
        self._idle = self._session()

    def pause(self, seconds: float) -> None:
        """The next message waits for so long: the server asked for it."""
        self._throttle.pause(seconds)

    def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Answer:
        """Hands one message over. The envelope is what is given here; headers are not looked at."""
        try:
            letter = letter_of(sender, recipients, content)
        except UnfitError as unfit:
            return Answer(Verdict.REFUSED, str(unfit))
        if self._settings.test_to:
            letter = Letter(letter.sender, (self._settings.test_to,), letter.body)
        with self._throttle:
            session = self._session()
            try:
                answer = self._hand_over(session.wire, letter, session.extensions)
            except BaseException:
                session.wire.close()
                raise
            self._idle = None if session.wire.closed else session
            return answer

    def _session(self) -> Session:
        """The connection of the last message when it still stands, else a new one."""
        if self._shut:
            raise PasswordRefusedError(self._shut)
        session, self._idle = self._idle, None
        if session is not None:
            with suppress(WireError):
                if session.wire.command("RSET").positive:
                    return session
            session.wire.close()
        self._step("connect")
        try:
            return open_session(self._settings, self._password, self._trust)
        except PasswordRefusedError as refused:
            self._shut = str(refused)
            raise

    def _trust(self) -> ssl.SSLContext:
        """Whose certificates are believed; read once, and only for a server that shows one."""
        self._context = self._context or ssl.create_default_context()
        return self._context

    def _hand_over(self, wire: Wire, letter: Letter, extensions: Mapping[str, str]) -> Answer:
        """One message on its way. The connection is closed when nothing more can be said on it."""
        refused: list[tuple[str, Reply]] = []
        try:
            early = self._before_the_dot(wire, letter, options_for(letter, extensions), refused)
        except UnfitError as unfit:
            return Answer(Verdict.REFUSED, str(unfit))
        except WireError as lost:
            wire.close()
            return Answer(Verdict.LATER, f"not taken: {lost}", pause=lost.leaving)
        if early is not None:
            return early
        try:
            wire.write(b".\r\n")
            self._step("answer")
            reply = wire.reply(_PATIENCE)
            if not reply.positive:
                _refusal(reply)
        except WireError as lost:
            wire.close()
            return Answer(Verdict.UNCERTAIN, f"perhaps taken: {lost}, after the whole message was handed over")
        return _answer(wire, reply, refused)

    def _before_the_dot(
        self, wire: Wire, letter: Letter, options: str, refused: list[tuple[str, Reply]]
    ) -> Answer | None:
        """All but the dot, which then has the server's leave; or else the answer that ends the attempt before it."""
        self._step("mail")
        reply = wire.command(f"MAIL FROM:<{letter.sender}>{options}")
        if not reply.positive:
            return _sender_refused(wire, reply)
        for address in letter.recipients:
            self._step("rcpt")
            reply = wire.command(f"RCPT TO:<{address}>")
            if not reply.positive:
                refused.append((address, _refusal(reply)))
            if reply.code == _CLOSING:
                return _answer(wire, reply, refused)
        # Somebody who cannot take it just now must not be left out: all wait, so that nobody gets it twice.
        waiting = next((reply for _, reply in refused if _verdict(reply) is Verdict.LATER), None)
        if waiting or len(refused) == len(letter.recipients):
            return _answer(wire, waiting or refused[0][1], refused)
        self._step("data")
        reply = wire.command("DATA")
        if reply.code != _GO_ON:
            return _answer(wire, _refusal(reply), refused)
        wire.write(letter.body)
        wire.refuse_early_words()
        self._step("dot")
        return None


def _sender_refused(wire: Wire, reply: Reply) -> Answer:
    """No recipient was named yet, so the refusal is no client's doing: all others would hear it too. Only a size is the message's."""
    _refusal(reply)
    too_large = reply.code == _TOO_LARGE_CODE or reply.enhanced in _TOO_LARGE
    if reply.permanent and not too_large and not _is_pace(reply):
        raise OutsideError(f"the mail server takes no message from this sender: {reply.words}. Nothing was sent.")
    return replace(_answer(wire, reply, ()), pause=reply.temporary or not too_large)


def _refusal(reply: Reply) -> Reply:
    """A refusal; any other reply has no sense here, so that the two ends no longer speak of the same thing."""
    if not reply.refusal:
        raise WireError(f"the server answered nonsense ({reply.words})")
    if reply.code in _LOGIN_NEEDED:
        raise OutsideError(f"the mail server wants a login: {reply.words}. Nothing was sent. Look at [smtp] user.")
    return reply


def _verdict(reply: Reply) -> Verdict:
    """What a reply means for the message. A refusal that is about us, or about our pace, closes no client's door for ever."""
    if reply.positive:
        return Verdict.SENT
    if reply.temporary:
        return Verdict.LATER
    ours = reply.enhanced in _SENDER or _OUR_FAULT.search(_ADDRESS.sub("", reply.words)) or _is_pace(reply)
    return Verdict.LATER if ours and reply.enhanced not in _GONE else Verdict.REFUSED


def _is_pace(reply: Reply) -> bool:
    """Whether the server has had enough of us, and not of this message."""
    return reply.enhanced == _LIMIT or _RATE.search(_ADDRESS.sub("", reply.words)) is not None


def _answer(wire: Wire, reply: Reply, refused: Sequence[tuple[str, Reply]]) -> Answer:
    """What a reply says of the message; a server that takes its leave is left."""
    if reply.code == _CLOSING:
        wire.close()
    verdict = _verdict(reply)
    return Answer(
        verdict,
        reply.words,
        tuple((address, said.words) for address, said in refused),
        tuple(address for address, said in refused if _is_gone(said)),
        pause=verdict is Verdict.LATER and (reply.code == _CLOSING or _is_pace(reply)),
    )


def _is_gone(reply: Reply) -> bool:
    """Whether the address does not exist, as the finer code says it; without one, as the code does."""
    if _verdict(reply) is not Verdict.REFUSED:
        return False
    return reply.enhanced in _GONE if reply.enhanced else reply.code in _GONE_CODES


def _nothing(_: str) -> None:
    """Nobody listens."""
