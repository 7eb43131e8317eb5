"""mj-chat: Midjourney behind a language model, in text (docs/platform-api.md#generation-texts)."""

import json
import re
import uuid
from collections.abc import Sequence

from playground.platform.chat_forms import Answer, Piece, pieces_of, steps
from playground.platform.conversation import Turn
from playground.platform.pictures import Painted
from playground.platform.state import Call, Job, aspect_in

_CUSTOM_ID = re.compile(r"MJ::[\w:-]+")
_GRID = (
    ("放大第一张", "U1", "JOB::upsample::1"),
    ("放大第二张", "U2", "JOB::upsample::2"),
    ("放大第三张", "U3", "JOB::upsample::3"),
    ("放大第四张", "U4", "JOB::upsample::4"),
    ("重新生成", "🔄", "JOB::reroll::0"),
    ("第一张变体", "V1", "JOB::variation::1"),
    ("第二张变体", "V2", "JOB::variation::2"),
    ("第三张变体", "V3", "JOB::variation::3"),
    ("第四张变体", "V4", "JOB::variation::4"),
)
_SINGLE = (
    ("放大(细微)", "Upscale (Subtle)", "JOB::upsample_v6_2x_subtle::1"),
    ("放大(创意)", "Upscale (Creative)", "JOB::upsample_v6_2x_creative::1"),
    ("变体(细微)", "Vary (Subtle)", "JOB::low_variation::1"),
    ("变体(强烈)", "Vary (Strong)", "JOB::high_variation::1"),
    ("缩小2倍", "Zoom Out 2x", "Outpaint::50::1"),
)
_END = "\n **接下来你可以直接对我说命令，例如：帮我放大第一张图**"
_GONE = "该图像处理服务器已掉线"
_NO_JOB = "Generate action failed"


async def answer(call: Call, turns: Sequence[Turn]) -> Answer:
    """Draws what the last message asks for, or presses the button that it names."""
    said = [turn.text for turn in turns if turn.role == "user" and turn.text]
    last = said[-1] if said else ""
    if found := _CUSTOM_ID.search(last):
        return await _pressed(call, found[0])
    if not last:
        return Answer(pieces_of(_NO_JOB, 0))
    return await _drawn(call, {"type": "imagine", "prompt": last}, Job(last, grid=True))


async def _pressed(call: Call, custom_id: str) -> Answer:
    parent = next((job for job_id, job in call.state.jobs.items() if job_id in custom_id), None)
    if parent is None:
        return Answer(pieces_of(_GONE, 0))
    _, _, action, number, *_ = [*custom_id.split("::"), "", ""]
    request = {"type": "component", "component_type": 2, "custom_id": custom_id}
    if call.state.profile.mj_form == "B":
        request = {"type": "action", "custom_id": custom_id}
    single = not (parent.grid and action in ("reroll", "variation"))
    return await _drawn(call, request, Job(parent.prompt, grid=not single), variant=f"{action} {number}")


async def _drawn(call: Call, request: dict[str, object], job: Job, variant: str = "") -> Answer:
    job_id = str(uuid.uuid4())
    call.state.jobs[job_id] = job
    pictures, index = call.state.pictures, sum(variant.encode())
    if job.grid:
        painted: Painted = await call.drawn(pictures.grid, job.prompt, first=index)
    else:
        painted = await call.drawn(pictures.paint, job.prompt, index=index, aspect=aspect_in(job.prompt))
    head = Piece(f"```json\n{json.dumps(request, indent=2, ensure_ascii=False)}\n```\n\n")
    form = _form_b if call.state.profile.mj_form == "B" else _form_a
    return Answer((head, *form(call, job, painted), Piece(_table(job, job_id, call.state.profile.mj_form))))


def _form_a(call: Call, job: Job, painted: Painted) -> tuple[Piece, ...]:
    """The form of a server with a Discord account: previews behind percentages, message and channel."""
    pace, url = call.state.pace, call.state.url_of(painted)
    number = next(call.state.numbers)
    done = [round(100 * step / (pace.steps + 1)) for step in range(pace.steps + 1)]
    return (
        Piece("> 开始绘制"),
        *steps(
            (f".[{percent}%]({call.state.base_url}/preview/{percent}/{painted.name})" for percent in done), pace.step
        ),
        Piece(f".[100%]({url})\n\n", pace.step),
        Piece(f"![{job.prompt}]({url})\n[⏬下载]({url.replace('/files/', '/cdn/download/')})\n\n"),
        Piece(f"> message_id: `{1215 * 10**15 + number}`\n\n > channel_id: `1214000000000000002`\n\n"),
        Piece(" > This message contains such action components \n\n"),
    )


def _form_b(call: Call, job: Job, painted: Painted) -> tuple[Piece, ...]:
    """The form of a server before an image API: bare percentages and a task."""
    pace, url = call.state.pace, call.state.url_of(painted)
    done = [round(100 * step / (pace.steps + 1)) for step in range(1, pace.steps + 1)]
    return (
        Piece(f"> 提交任务✅ \n> task_id: `{1788 * 10**12 + next(call.state.numbers)}`\n> 生成中."),
        *steps((f"..{percent}%" for percent in done), pace.step),
        Piece("100%\n\n", pace.step),
        Piece(f"![{job.prompt}]({url})\n[下载⏬]({url.replace('/files/', '/cdn/download/')})\n\n"),
    )


def _table(job: Job, job_id: str, form: str) -> str:
    rows = (
        f"|{name}|{label}|2|MJ::{action}::{job_id}{'::SOLO' if 'reroll' in action or not job.grid else ''}|\n"
        for name, label, action in (_GRID if job.grid else _SINGLE)
    )
    head = "|name|component_type|label|custom_id|" if form.endswith("older") else "|name|label|type|custom_id|"
    return f"{head}\n|---|---|---|---|\n{''.join(rows)}{_END if job.grid and form != 'B' else ''}"
