"""Chat models that draw: what their text looks like (docs/platform-api.md#images-in-text)."""

import json
from collections.abc import Callable, Sequence
from fractions import Fraction

from playground.platform.chat_forms import Answer, Piece, pieces_of, steps
from playground.platform.conversation import Turn
from playground.platform.models import Kind
from playground.platform.pictures import Painted
from playground.platform.state import Call, aspect_in

Form = Callable[[Call, str, Painted], Answer]


def _progress(call: Call, prompt: str, painted: Painted) -> Answer:
    pace, url = call.state.pace, call.state.url_of(painted)
    ratio = Fraction(aspect_in(prompt)).limit_denominator(32)
    job = json.dumps(
        {"prompt": prompt, "ratio": f"{ratio.numerator}:{ratio.denominator}"}, indent=2, ensure_ascii=False
    )
    done = (round(100 * step / (pace.steps + 1)) for step in range(1, pace.steps + 1))
    pieces = (
        Piece(f"```json\n{job}\n```\n\n"),
        *steps((f"> 进度 **{percent}%**\n\n" for percent in done), pace.step),
        Piece("> 生成完成 ✅\n\n", pace.step),
        Piece(f"![{painted.name}]({url})\n"),
        Piece(f"[下载⏬]({url.replace('/files/', '/cdn/download/')})\n"),
    )
    return Answer(pieces)


def _link(call: Call, prompt: str, painted: Painted) -> Answer:
    pace, picture = call.state.pace, Piece(f"![{prompt}]({call.state.url_of(painted)})")
    return Answer((*steps([""] * pace.steps, pace.step), picture))


def _data_url(call: Call, prompt: str, painted: Painted) -> Answer:
    pace = call.state.pace
    text = pieces_of(f"Here is the picture of {prompt}.\n", pace.part)
    if call.state.profile.images_field:
        return Answer(text, images=(painted.data_url,))
    return Answer((*text, Piece(f"![image]({painted.data_url})", pace.step)))


FORMS: dict[Kind, Form] = {Kind.CHAT_PROGRESS: _progress, Kind.CHAT_LINK: _link, Kind.CHAT_DATA_URL: _data_url}


async def answer(call: Call, kind: Kind, turns: Sequence[Turn]) -> Answer:
    """An image of the last message. Images of the conversation are changed by it."""
    said = [turn for turn in turns if turn.role == "user"]
    prompt = said[-1].text if said else ""
    sources = [image.data for turn in turns for image in turn.images]
    # An uncompressed image is as long as real ones are, longer than a line of some gateways.
    pictures, packed = call.state.pictures, kind is not Kind.CHAT_DATA_URL
    if sources:
        painted: Painted = await call.drawn(pictures.edit, sources[-1:], prompt, packed=packed)
    else:
        painted = await call.drawn(pictures.paint, prompt, aspect=aspect_in(prompt), packed=packed)
    return FORMS[kind](call, prompt, painted)
