# SPDX-License-Identifier: Apache-2.0
"""A place in a list of tokens."""

from __future__ import annotations

from gateway.schematron.xpath.tokens import Token, XPathSyntaxError


class Cursor:
    """Looks at tokens and takes them, one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def token(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._at]

    def peek(self) -> str:
        """The text of the token after the next."""
        return self._tokens[self._at + 1].text if self._at + 1 < len(self._tokens) else ""

    def peek_kind(self) -> str:
        """The kind of the token after the next."""
        return self._tokens[self._at + 1].kind if self._at + 1 < len(self._tokens) else "end"

    def at(self, *texts: str) -> bool:
        """Whether the next token is one of these words or symbols."""
        return self.token.kind in {"symbol", "name"} and self.token.text in texts

    def next(self) -> Token:
        """Take the next token; the end stays."""
        token = self.token
        self._at += token.kind != "end"
        return token

    def take(self, *texts: str) -> str | None:
        """Take the next token if it is one of these."""
        return self.next().text if self.at(*texts) else None

    def expect(self, text: str) -> None:
        """Take what must come next. Raises `XPathSyntaxError`."""
        if self.take(text) is None:
            raise XPathSyntaxError(f"{text!r} expected instead of {self.token.text!r}")
