"""Answers to requests that are not served: one exception, one JSON shape, OpenAI's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

CLIENT_CLOSED_REQUEST = 499
RETRY_AFTER_SECONDS = {503: "1"}


class Refusal(Exception):  # noqa: N818  # no fault of the service
    """A request that is not served: the HTTP status, a sentence for people, the field at fault, a code for programs."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code


def error_body(refusal: Refusal) -> dict[str, object]:
    kind = "invalid_request_error" if refusal.status < 500 else "server_error"
    return {"error": {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}}


def as_response(refusal: Refusal) -> JSONResponse:
    wait = RETRY_AFTER_SECONDS.get(refusal.status)
    return JSONResponse(error_body(refusal), refusal.status, headers={"retry-after": wait} if wait else None)


def install(app: FastAPI) -> None:
    """Gives every failure of a request the same shape; our own faults are logged, never shown."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # registered for this type alone
        return as_response(error)

    async def refused_by_framework(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # registered for this type alone
        where = f"{request.method} {request.url.path}"
        known = {404: f"there is nothing at {where}", 405: f"{where} is not offered"}
        answer = as_response(Refusal(error.status_code, known.get(error.status_code, str(error.detail))))
        answer.headers.update(error.headers or {})
        return answer

    async def client_left(_: Request, __: Exception) -> Response:
        return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def fault(_: Request, __: Exception) -> Response:
        return as_response(Refusal(500, "the service failed on this request; its log has the reason"))

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(HTTPException, refused_by_framework)
    app.add_exception_handler(ClientDisconnect, client_left)
    app.add_exception_handler(Exception, fault)
