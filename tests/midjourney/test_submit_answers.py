"""What the answer to a submit means: the two meanings of 21, the rewritten one, places, ids, wrappings."""

from __future__ import annotations

from typing import Any

import pytest

from bot.engines.errors import AnswerLost, RefusalKind, ServiceRefused, UnknownTask, Unreadable
from bot.engines.midjourney import SubmitEndpoint, parse_submit
from bot.engines.midjourney.reads import parse_seed
from bot.engines.midjourney.sender import parse_cancel, parse_upload
from bot.engines.models import AlreadyExists, ModalRequired, RemoteStatus, SubmitAccepted, SubmitAnswer, UploadAccepted

E = SubmitEndpoint
URL = "https://cdn.example.net/a.png"


def result(code: Any, properties: Any = None, description: str = "", result: Any = "17") -> dict[str, Any]:
    return {"code": code, "description": description, "result": result, "properties": properties}


ONE = SubmitAccepted("17", None, ("17",))
READ: dict[str, tuple[dict[str, Any], SubmitEndpoint, SubmitAnswer]] = {
    "21 remix": (result(21, {"remix": True}), E.ACTION, ModalRequired("17")),
    "21 finalPrompt": (result(21, {"finalPrompt": "a hat"}), E.ACTION, ModalRequired("17", "a hat")),
    "21 blank finalPrompt": (result(21, {"finalPrompt": "  "}), E.CHANGE, ModalRequired("17")),
    "21 nothing, action": (result(21), E.ACTION, ModalRequired("17")),
    "21 nothing, change": (result(21), E.CHANGE, AlreadyExists("17")),
    "21 nothing, imagine": (result(21, {}), E.IMAGINE, AlreadyExists("17")),
    "21 status": (result(21, {"status": "IN_PROGRESS"}), E.CHANGE, AlreadyExists("17", None, RemoteStatus.RUNNING)),
    "21 picture": (result(21, {"imageUrl": URL}), E.ACTION, AlreadyExists("17", URL)),
    "21 status MODAL": (result(21, {"status": "MODAL"}), E.CHANGE, ModalRequired("17")),
    "21 null properties": (result(21, {"finalPrompt": None, "status": None}), E.ACTION, ModalRequired("17")),
    "1 remix": (result(1, {"remix": True, "finalPrompt": "a hat"}), E.ACTION, ModalRequired("17", "a hat")),
    "1 confirm and window": (
        result(1, {"finalPrompt": "a hat"}, "Waiting for Window CONFIRM"),
        E.ACTION,
        ModalRequired("17", "a hat"),
    ),
    "1 confirm alone": (result(1, {}, "please confirm"), E.ACTION, ONE),
    "1 finalPrompt alone": (result(1, {"finalPrompt": "a hat"}), E.ACTION, ONE),
    "1 remix false": (result(1, {"remix": False}), E.ACTION, ONE),
    "1 a prompt says it": (result("1", [], "ok"), E.IMAGINE, ONE),
    "22 remix in its place": (result(22, {"numberOfQueues": 3}), E.ACTION, SubmitAccepted("17", 3, ("17",))),
    "0": (result(0), E.IMAGINE, ONE),
    "a string code": (result(" 22 ", {"numberOfQueues": "4"}), E.IMAGINE, SubmitAccepted("17", 4, ("17",))),
    "a place with code 1": (result(1, {"numberOfQueues": 5}), E.IMAGINE, SubmitAccepted("17", 5, ("17",))),
    "a strange place": (result(1, {"numberOfQueues": -2}), E.IMAGINE, ONE),
    "an integer id": (
        result(1, result=1760000000000501123),
        E.IMAGINE,
        SubmitAccepted("1760000000000501123", None, ("1760000000000501123",)),
    ),
    "a float id": (
        result(1, result=1760000000000501.0),
        E.IMAGINE,
        SubmitAccepted("1760000000000501", None, ("1760000000000501",)),
    ),
    "several ids": (result(1, result="1, 2,3,4,"), E.ACTION, SubmitAccepted("1", None, ("1", "2", "3", "4"))),
    "wrapped": ({"data": result(1)}, E.IMAGINE, ONE),
    "wrapped with its code outside": ({"code": 1, "data": {"result": "17"}}, E.IMAGINE, ONE),
    "wrapped twice": ({"data": {"data": result(21, {"remix": True})}}, E.ACTION, ModalRequired("17")),
    "a result with data beside it": ({**result(1), "data": {}}, E.IMAGINE, ONE),
    "an error that is null": ({**result(1), "error": None}, E.IMAGINE, ONE),
    "a whole task": ({"id": 17, "status": "SUBMITTED", "action": "IMAGINE"}, E.IMAGINE, ONE),
    "a whole waiting task": (
        {"id": "17", "status": "MODAL", "properties": {"finalPrompt": "a hat"}},
        E.ACTION,
        ModalRequired("17", "a hat"),
    ),
    "modal 1": (result(1, {"remix": True, "finalPrompt": "a hat"}), E.MODAL, ONE),
    "modal 21": (result(21), E.MODAL, ONE),
    "modal 22": (result(22, {"numberOfQueues": 1}), E.MODAL, SubmitAccepted("17", 1, ("17",))),
    "modal without an id": (result(1, result=None), E.MODAL, SubmitAccepted("16", None, ("16",))),
}


@pytest.mark.parametrize("name", READ)
def test_an_acceptance_is_read(name: str) -> None:
    body, endpoint, expected = READ[name]
    assert parse_submit(body, http_status=200, endpoint=endpoint, named_task="16") == expected


K = RefusalKind
NAMED = {E.ACTION: "16", E.CHANGE: "16"}
NO: dict[str, tuple[dict[str, Any], int, SubmitEndpoint, RefusalKind]] = {
    "no account for a new one": (result(3, description="?"), 200, E.IMAGINE, K.NO_ACCOUNT),
    "no parent": (result(3, description="?"), 200, E.ACTION, K.UNKNOWN_TASK),
    "no account for a press": (result(3, description="账号不可用"), 200, E.ACTION, K.NO_ACCOUNT),
    "not found": (result(3, description="?"), 404, E.SWAP, K.UNKNOWN_TASK),
    "parent gone": (result(4, description="关联任务不存在或已失效"), 200, E.CHANGE, K.UNKNOWN_TASK),
    "newapi's parent gone": (result(4, description="task_not_found "), 400, E.ACTION, K.UNKNOWN_TASK),
    "parent unfinished": (result(4, description="task_status_not_success"), 400, E.ACTION, K.WRONG_STATE),
    "parent's state": (result(4, description="关联任务状态错误"), 200, E.CHANGE, K.WRONG_STATE),
    "its channel is off": (result(4, description="该任务所属渠道已被禁用"), 400, E.ACTION, K.NO_ACCOUNT),
    "too many at once": (result(4, description="并发数已达上限"), 200, E.IMAGINE, K.LIMIT_REACHED),
    "too large a picture": (result(4, description="人脸图片大小超过最大限制"), 200, E.SWAP, K.INVALID),
    "switched off": (result(4, description="视频功能未启用"), 200, E.VIDEO, K.NOT_OFFERED),
    "not for guests": (result(4, description="视频换脸暂不对访客开放"), 200, E.SWAP_VIDEO, K.NOT_OFFERED),
    "unlisted button": (result(4, description="unknown_action:MJ::BOOKMARK::u"), 400, E.ACTION, K.UNSUPPORTED_BUTTON),
    "a code without a word": (result(4), 200, E.IMAGINE, K.INVALID),
    "4xx with code 1": (result(1), 400, E.IMAGINE, K.INVALID),
    "a filter that asks for a key": ({"success": False, "message": "no key"}, 403, E.IMAGINE, K.AUTH),
    "openai style string": ({"error": "Invalid token"}, 401, E.IMAGINE, K.AUTH),
}


@pytest.mark.parametrize("name", NO)
def test_a_refusal_is_read(name: str) -> None:
    body, status, endpoint, kind = NO[name]
    with pytest.raises(ServiceRefused) as caught:
        parse_submit(body, http_status=status, endpoint=endpoint, named_task=NAMED.get(endpoint))
    assert caught.value.kind is kind


def test_a_refusal_says_where_it_comes_from() -> None:
    with pytest.raises(ServiceRefused) as caught:
        parse_submit(result(4, description=" a b "), http_status=400, endpoint=E.IMAGINE)
    assert str(caught.value) == "invalid (HTTP 400, code 4): a b"


@pytest.mark.parametrize("found", [[], ["no address"], [URL, None], None, 17])
def test_an_upload_without_an_address_for_each_picture_is_lost(found: Any) -> None:
    with pytest.raises(AnswerLost):
        parse_upload(result(1, result=found), http_status=200)


@pytest.mark.parametrize(
    "body", [result(1, result=URL), result(1, result=[{"url": URL}]), [URL], {"code": 1, "data": [URL]}]
)
def test_an_upload_is_read_in_any_shape(body: Any) -> None:
    assert parse_upload(body, http_status=200) == UploadAccepted((URL,))


def test_a_refused_upload_is_refused() -> None:
    with pytest.raises(ServiceRefused):
        parse_upload({"code": 4, "description": "disabled"}, http_status=200)


def test_a_refused_cancel_is_refused() -> None:
    with pytest.raises(UnknownTask):
        parse_cancel({"code": 3, "description": "?"}, http_status=200)


@pytest.mark.parametrize("body", [[], {"id": "17", "status": "SUCCESS"}])
def test_a_seed_is_a_result(body: Any) -> None:
    with pytest.raises(Unreadable):
        parse_seed(body, http_status=200)


IMPOSSIBLE = ["9" * 129, "a/b", "..", "17?x=1", "画", "\ud800", "1 7", 10**400]


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_an_impossible_id_is_no_acceptance_that_can_be_gone_by(impossible: Any) -> None:
    for body in (result(1, result=impossible), {"id": impossible, "status": "SUBMITTED"}):
        with pytest.raises(AnswerLost):
            parse_submit(body, http_status=200, endpoint=E.IMAGINE)


def test_the_possible_ones_of_several_ids_are_taken_and_no_more_than_one_submit_can_start() -> None:
    ids = ["17", "9" * 129, "18"]
    assert parse_submit(result(1, result=",".join(ids)), http_status=200, endpoint=E.ACTION) == SubmitAccepted(
        "17", None, ("17", "18")
    )
    many = parse_submit(result(1, result=",".join(map(str, range(5_000)))), http_status=200, endpoint=E.ACTION)
    assert isinstance(many, SubmitAccepted)
    assert len(many.task_ids) == 20


def test_a_window_confirmed_with_an_impossible_id_keeps_its_own() -> None:
    body = result(1, result="9" * 129)
    assert parse_submit(body, http_status=200, endpoint=E.MODAL, named_task="17") == SubmitAccepted("17", None, ("17",))
