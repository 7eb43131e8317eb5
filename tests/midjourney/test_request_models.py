"""A request is a model: it knows where it goes, and takes no field that the service does not."""

from __future__ import annotations

import pytest

from bot.engines.errors import NotSent
from bot.engines.midjourney import ChangeAction, SubmitEndpoint
from bot.engines.midjourney.command_requests import BlendRequest, EditRequest, OlderEditRequest
from bot.engines.midjourney.requests import (
    ActionRequest,
    ChangeRequest,
    ImagineRequest,
    ModalRequest,
    SimpleChangeRequest,
)
from bot.engines.midjourney.submitter import task_named_by
from bot.engines.models import Feature
from tests.midjourney.test_requests import ONE, OWL, PRESS, TWO


def test_a_request_says_where_it_goes_what_it_needs_and_which_task_it_names() -> None:
    told = {
        type(request): (request.endpoint, request.feature, task_named_by(request))
        for request in (
            OWL,
            ActionRequest(task_id="17", custom_id=PRESS),
            ModalRequest(task_id="18"),
            SimpleChangeRequest(content="19 U2"),
            EditRequest(prompt="snow", image=ONE).older(),
        )
    }
    assert told == {
        ImagineRequest: (SubmitEndpoint.IMAGINE, None, None),
        ActionRequest: (SubmitEndpoint.ACTION, Feature.ACTION, "17"),
        ModalRequest: (SubmitEndpoint.MODAL, Feature.MODAL, "18"),
        SimpleChangeRequest: (SubmitEndpoint.SIMPLE_CHANGE, Feature.SIMPLE_CHANGE, "19"),
        OlderEditRequest: (SubmitEndpoint.EDIT, Feature.EDIT_OLDER, None),
    }


def test_a_misspelt_field_or_one_of_a_wrong_type_is_an_error_before_anything_runs() -> None:
    # mypy fails for an ignore that it does not need.
    with pytest.raises(NotSent, match="promt"):
        ImagineRequest(promt="an owl")  # type: ignore[call-arg]  # the misspelling is what is tested
    with pytest.raises(NotSent, match="baseArray"):
        BlendRequest(baseArray=[ONE, TWO])  # type: ignore[call-arg]  # so is this one
    with pytest.raises(NotSent, match="index"):
        ChangeRequest(task_id="17", action=ChangeAction.UPSCALE, index="U")  # type: ignore[arg-type]  # and this type
