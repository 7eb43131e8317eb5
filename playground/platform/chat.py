"""POST /v1/chat/completions and the legacy /v1/completions (docs/platform-api.md#chat)."""

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp

from playground.platform import chat_images, mj_chat
from playground.platform.chat_forms import Answer, pieces_of, reply_of
from playground.platform.conversation import Turn, answer_to
from playground.platform.models import Kind
from playground.platform.replies import Reply, refusal
from playground.platform.state import Call
from playground.platform.vision import Seen, look_at

_LINK = re.compile(r"https?://\S+")
_DRAW = re.compile(r"\b(?:draw|paint|generate|create|sketch)\b", re.IGNORECASE)
_LOCAL = re.compile(r"http://(?:127\.0\.0\.1|localhost)[:/]")
_OWN_FILE = re.compile(r"!\[[^\]]*\]\(http://127\.0\.0\.1:\d+/(?:files|cdn)/([\w.]+)\)")
_FETCH_SECONDS = 10.0
_ROLES = ("system", "developer", "user", "assistant", "tool")


async def chat(call: Call) -> Reply:
    """Answers a conversation, as JSON or as an event stream."""
    return reply_of(call, await _answer(call, await _conversation(call)))


async def completion(call: Call) -> Reply:
    """Continues a text, at the legacy endpoint."""
    prompt = call.body.get("prompt")
    words = prompt[0] if isinstance(prompt, list) and prompt else prompt
    if not isinstance(words, str) or not words:
        raise refusal(400, "Missing required parameter: 'prompt'.", param="prompt")
    limit = call.whole("max_tokens", 16, 1, 100_000)
    answer = Answer(pieces_of(answer_to(_turns_of_text(words)), call.state.pace.part)).limited(limit)
    return reply_of(call, answer, legacy=True)


async def _answer(call: Call, turns: Sequence[Turn]) -> Answer:
    if call.said:
        return Answer(pieces_of(call.said, call.state.pace.part))
    kind, last = call.model.kind, next((turn for turn in reversed(turns) if turn.role == "user"), Turn("user", ""))
    if kind is Kind.MJ_CHAT:
        return await mj_chat.answer(call, turns)
    if kind in chat_images.FORMS:
        return await chat_images.answer(call, kind, turns)
    if kind is Kind.GPT and _DRAW.search(last.text):
        return await chat_images.answer(call, Kind.CHAT_LINK, turns)
    thoughts = f"The person asks about “{last.text}”." if last.text else ""
    return Answer(pieces_of(answer_to(turns), call.state.pace.part), thoughts=thoughts)


def _turns_of_text(words: str) -> list[Turn]:
    """A conversation that was written as one text, each message behind its role."""
    turns: list[Turn] = []
    for block in words.split("\n\n"):
        role, colon, text = block.partition(":")
        if colon and role in _ROLES:
            turns.append(Turn(role, text.strip()))
        elif turns:
            turns[-1] = Turn(turns[-1].role, f"{turns[-1].text}\n\n{block}".strip())
        else:
            turns.append(Turn("user", block))
    return [turn for turn in turns if turn.text]


async def _conversation(call: Call) -> list[Turn]:
    messages = call.body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise refusal(400, "Missing required parameter: 'messages'.", param="messages")
    turns = []
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role not in _ROLES:
            raise refusal(400, f"Invalid value: {role!r}.", code="invalid_value", param=f"messages[{number}].role")
        turns.append(await _turn(call, role, message.get("content")))
    return turns


async def _turn(call: Call, role: str, content: Any) -> Turn:
    if isinstance(content, str):
        return await _with_links(call, role, content)
    if not isinstance(content, list):
        raise refusal(400, "Invalid type for 'messages[].content'.", code="invalid_type", param="messages")
    texts, images = [], []
    for part in content:
        fields = part if isinstance(part, Mapping) else {}
        if isinstance(fields.get("text"), str):
            texts.append(fields["text"])
        elif fields.get("type") == "image_url":
            image = fields.get("image_url")
            url = image.get("url") if isinstance(image, Mapping) else image
            if call.model.id in call.state.profile.links_only and str(url).startswith("data:"):
                raise refusal(400, "file data is not supported, send a link", code="invalid_request")
            images.append(await _seen(call, url))
        else:
            raise refusal(400, "Invalid value of a content part.", code="invalid_value", param="messages")
    return Turn(role, "\n".join(texts), tuple(images))


async def _with_links(call: Call, role: str, text: str) -> Turn:
    """Models that want links find them at the beginning of the text. Answers show the images that they made."""
    if role == "assistant":
        names = _OWN_FILE.findall(text)
        drawn = [call.state.pictures.files[name] for name in names if name in call.state.pictures.files]
        return Turn(role, text, tuple([await call.drawn(look_at, each.data, call.state.pictures) for each in drawn]))
    links = [word for word in text.split(" ") if _LOCAL.match(word)] if role == "user" else []
    if not links or call.model.kind not in (Kind.CHAT_PROGRESS, Kind.GPT):
        return Turn(role, text)
    images = [await _seen(call, link) for link in links]
    return Turn(role, " ".join(_LINK.sub("", text).split()), tuple(images))


async def _seen(call: Call, url: Any) -> Seen:
    data = await image_data(url)
    seen: Seen = await call.drawn(look_at, data, call.state.pictures)
    return seen


async def image_data(url: Any) -> bytes:
    """The bytes behind a data URL or a local link. Links elsewhere are refused: the playground has no network."""
    if isinstance(url, str) and url.startswith("data:image/"):
        try:
            return base64.b64decode(url.partition(",")[2], validate=True)
        except binascii.Error:
            raise refusal(400, "Invalid base64 image_url.", code="invalid_image_url", param="messages") from None
    if not isinstance(url, str) or not _LOCAL.match(url):
        raise refusal(400, "get file from url failed", code="count_token_failed")
    try:
        async with (
            asyncio.timeout(_FETCH_SECONDS),
            aiohttp.ClientSession() as session,
            session.get(url, raise_for_status=True) as response,
        ):
            return await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise refusal(400, "get file from url failed", code="count_token_failed") from error
