"""What was not made here: jobs of Midjourney's brought in by /show, clips that a face goes into, and favorites."""

from __future__ import annotations

from dataclasses import replace

from playground.discord import Interaction, UploadedFile
from playground.driver import Environment, Scenario
from playground.images import Pace
from playground.images.faults import Fault
from tests.support.environments import MakeEnvironment, captions
from tests.support.pictures import clip, png

JOB = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
LINK = f"<https://cdn.example.org/attachments/1/2/ada_a_fox_{JOB}.png?ex=1&is=2&hm=3>"
NO_CLIP_AT_ALL = UploadedFile("liar.mp4", "video/mp4", b"no clip, whatever it is called")


def older_trueai() -> Scenario:
    return Scenario("trueai-9", replace(Pace.quick(), side=64))


async def show(env: Environment, job: str) -> Interaction:
    return await env.slash("show", {"task": job})


async def test_a_job_from_elsewhere_is_a_task_like_any_other(make_env: MakeEnvironment) -> None:
    env = await make_env(older_trueai())
    await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    brought = await env.result_of(await show(env, LINK))
    assert env.images.submits[-1].body["jobId"] == JOB
    single = await env.result_of(await env.press(brought, "U3"))
    assert "Vary (Region)" in captions(single)


async def test_a_job_that_the_service_has_drawn_needs_no_account(make_env: MakeEnvironment) -> None:
    env = await make_env(older_trueai())
    await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    (drawn,) = env.images.tasks.values()
    brought = await env.result_of(await show(env, drawn.job))
    assert "a paper boat" in brought.text
    assert list(env.images.tasks) == [drawn.id]


async def test_a_job_that_was_drawn_in_another_place_stays_there(make_env: MakeEnvironment) -> None:
    env = await make_env(older_trueai())
    private = env.discord.dm(env.person("ada"))
    await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}, where=private))
    (drawn,) = env.images.tasks.values()
    asked = await env.slash("show", {"task": drawn.job}, by="bob")
    assert "in another server or channel" in await env.private_answer(asked)
    assert (await env.result_of(await show(env, drawn.job))).attachments


async def test_an_account_that_the_service_does_not_tell_is_not_named(make_env: MakeEnvironment) -> None:
    env = await make_env(older_trueai())
    await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    env.images.fail_next("task/.+/fetch", Fault.CODE_3)
    assert "an account that has already generated" in await env.private_answer(await show(env, JOB))
    assert "accountFilter" not in env.images.submits[-1].body


async def test_before_anything_was_drawn_nobody_knows_which_account_could_bring_a_job(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(older_trueai())
    assert "Create an image with /imagine" in await env.private_answer(await show(env, JOB))
    assert not env.images.tasks


async def test_a_face_goes_into_a_clip(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai"))
    asked = await env.slash("swap", {"source": png("a.png"), "target": clip("b.mp4")})
    swapped = await env.result_of(asked)
    result, face = [attachment.filename for attachment in swapped.attachments]
    assert result.rpartition(".")[2] in ("mp4", "webp")
    assert face.startswith("source")
    assert env.images.submits[0].body["targetFile"] == "target.mp4"


async def test_what_is_no_clip_or_no_face_is_not_sent(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai"))
    no_clip = await env.slash("swap", {"source": png("a.png"), "target": NO_CLIP_AT_ALL})
    assert "isn't a supported video" in await env.private_answer(no_clip)
    no_face = await env.slash("swap", {"source": clip("a.mp4"), "target": png("b.png")})
    assert "**a.mp4** is a video" in await env.private_answer(no_face)
    assert not env.images.submits


async def test_a_service_that_has_switched_faces_in_clips_off_says_so(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai"))
    env.images.options.video_faces = False
    asked = await env.slash("swap", {"source": png("a.png"), "target": clip("b.mp4")})
    assert "faces in images only" in await env.private_answer(asked)


async def test_a_favorite_is_told_of_and_makes_no_task(make_env: MakeEnvironment) -> None:
    env = await make_env(older_trueai())
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))
    single = await env.result_of(await env.press(grid, "U1"))
    pressed = await env.press(single, "❤️")
    assert "service's favorites" in await env.private_answer(pressed)
    assert [message for message in pressed.messages if not message.ephemeral] == []
    await env.until(lambda: single.button("❤️")["style"] == 1)
    listed = await env.slash("tasks")
    await env.until(lambda: listed.messages and "U1" in listed.messages[0].text)
    assert "❤️" not in listed.messages[0].text
