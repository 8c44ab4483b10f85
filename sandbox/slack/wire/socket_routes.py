"""The WebSocket side of the sandbox's Slack: where an app connects to with a ticket, and is sent envelopes."""

import asyncio

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.serving import deafen_connection, half_close_connection, reset_connection
from sandbox.slack.model.sockets import PATH, Connection, Loss, Reason, Sockets, address, goodbye
from sandbox.slack.model.state import State

CUTS = {Loss.RESET: reset_connection, Loss.FIN: half_close_connection, Loss.SILENCE: deafen_connection}


def socket_routes(state: State) -> list[WebSocketRoute]:
    """Where an app connects to."""
    sockets = state.sockets

    async def link(websocket: WebSocket) -> None:
        ticket = websocket.query_params.get("ticket", "")
        if not sockets.redeem(ticket):
            await websocket.close()
            return
        await websocket.accept()
        connection = Connection(
            id=ticket,
            url=address(state.url, ticket),
            loop=asyncio.get_running_loop(),
            outbox=asyncio.Queue(),
            cut=lambda how: CUTS[how](websocket.scope),
        )
        if sockets.join(connection):
            await _talk(websocket, connection, sockets)
        else:
            await websocket.send_text(goodbye(Reason.TOO_MANY_WEBSOCKETS))
            await websocket.close()

    return [WebSocketRoute(PATH, link)]


async def _talk(websocket: WebSocket, connection: Connection, sockets: Sockets) -> None:
    writing = asyncio.create_task(_write(websocket, connection))
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            sockets.acknowledge(message.get("text") or "")
    finally:
        sockets.leave(connection)
        writing.cancel()


async def _write(websocket: WebSocket, connection: Connection) -> None:
    try:
        while (text := await connection.outbox.get()) is not None:
            await websocket.send_text(text)
        await websocket.close()
    except (WebSocketDisconnect, RuntimeError):
        return  # the client closed the connection first
