"""The dialect of the service is asked for until it is known, and again, because services are updated."""

from __future__ import annotations

import logging

import pytest

from bot.engines.midjourney.detection import keep_profile_current
from bot.engines.models import Feature
from playground.images.faults import Fault
from tests.support.machine import Machine
from tests.tasks.conftest import running, until


async def test_a_service_that_is_updated_meanwhile_is_recognised_again(machine: Machine) -> None:
    machine.images.switch_profile("trueai-9")
    async with running(keep_profile_current(machine.midjourney, look_again=0.01)):
        await until(lambda: machine.midjourney.capabilities.profile.name == "trueai-9")
        assert machine.midjourney.capabilities.has(Feature.QUEUE)
        machine.images.switch_profile("trueai")
        await until(lambda: machine.midjourney.capabilities.profile.name == "trueai")
        assert not machine.midjourney.capabilities.has(Feature.QUEUE)


async def test_a_service_that_does_not_answer_is_asked_until_it_does(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.engines.midjourney.detection")
    machine.images.switch_profile("trueai")
    machine.images.fail_next("task/0/fetch", Fault.DROP, times=4)
    async with running(keep_profile_current(machine.midjourney, first_wait=0.01)):
        await until(lambda: machine.midjourney.capabilities.profile.name == "trueai")
    told = [record for record in caplog.records if record.name == "bot.engines.midjourney.detection"]
    assert [record.message for record in told if record.levelno == logging.INFO] == [
        "the image service uses the profile trueai"
    ]
