"""Inputs that broke other software of this kind, and defects seen in daily use: each is proved by a test.

The table is read, so that no case loses its test when tests are renamed or moved.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent

FILES, DELIVERY, PROMPTS = "e2e/test_files.py", "e2e/test_delivery_faults.py", "e2e/test_prompts.py"
START, OUTAGES, BODIES = "test_start.py", "test_outages.py", "e2e/test_http_bodies.py"
DRAFTS, CONTROLS = "e2e/test_drafts.py", "painter/test_controls.py"

PROVED_BY = {
    # Files
    "camera JPEG with a second picture inside": (FILES, "test_what_browsers_show_is_taken_by_a_command"),
    "the same as a result": (FILES, "test_the_card_shows_its_end_whatever_file_the_service_hands_out"),
    "picture without content_type": (FILES, "test_the_bytes_say_what_a_file_is_where_discord_does_not"),
    "PNG with large packed text or colour profile": (FILES, "test_what_browsers_show_is_taken_by_a_command"),
    "JPEG without its last bytes": (FILES, "test_what_browsers_show_is_taken_by_a_command"),
    "phone photo of 108 and 200 megapixels": (
        FILES,
        "test_a_photo_of_very_many_pixels_is_made_smaller_and_that_is_said",
    ),
    "reference photo of 12 to 20 MB": (FILES, "test_a_photo_of_many_bytes_is_made_to_fit_and_that_is_said"),
    "odd Exif in a large result": (FILES, "test_a_large_result_with_odd_exif_is_made_to_fit_upright"),
    "masks as editors make them": (CONTROLS, "test_a_mask_as_other_editors_make_it_is_read_as_in_discord"),
    "HEIC and AVIF": (FILES, "test_what_cannot_be_used_is_named_with_the_way_out"),
    "spoilered source": (FILES, "test_what_is_made_from_a_hidden_picture_is_hidden_and_so_are_its_children"),
    # What people type
    "dashes of all kinds": (PROMPTS, "test_a_shape_typed_with_any_dashes_is_the_only_one_that_is_sent"),
    "pasted command": (PROMPTS, "test_windows_read_prompts_as_commands_do"),
    "two models at once": (PROMPTS, "test_the_model_follows_what_was_typed"),
    "mode typed": (PROMPTS, "test_a_typed_mode_decides_the_path_and_the_card"),
    "message link for an id": ("e2e/test_task_links.py", "test_a_task_is_shown_by_the_link_of_its_message"),
    "ended link in a prompt": (
        "e2e/test_attachment_links.py",
        "test_links_that_have_ended_are_refreshed_wherever_they_stand_in_a_prompt",
    ),
    "link in angle brackets": (
        "e2e/test_attachment_links.py",
        "test_a_link_to_describe_is_read_out_of_its_brackets_and_refreshed",
    ),
    "link without embed": (FILES, "test_a_picture_is_found_wherever_a_message_has_it"),
    "prompt of invisible characters": (PROMPTS, "test_a_prompt_that_says_nothing_is_refused_and_nothing_is_sent"),
    # What people point at
    "forwarded message": (FILES, "test_a_picture_is_found_wherever_a_message_has_it"),
    # The image service's answers
    "a path for an address": ("e2e/test_missing_pictures.py", "test_an_address_without_a_host_leads_to_the_service"),
    "finished without a picture": ("e2e/test_missing_pictures.py", "test_a_picture_that_comes_late_is_waited_for"),
    "answers packed unasked": (BODIES, "test_a_service_whose_answers_are_spoilt_on_their_way_works"),
    "a long header": (BODIES, "test_a_service_whose_answers_are_spoilt_on_their_way_works"),
    "more was promised than came": (BODIES, "test_a_service_whose_answers_are_spoilt_on_their_way_works"),
    "signed addresses": ("e2e/test_missing_pictures.py", "test_a_signed_address_is_asked_for_to_the_letter"),
    "pressed at once": ("e2e/test_unready_parents.py", "test_a_press_that_comes_too_soon_is_sent_again_by_itself"),
    "one bad emoji": (DELIVERY, "test_one_emoji_that_discord_does_not_know_costs_the_card_its_emoji_alone"),
    # Discord's answers
    "no attachments for components": (
        DELIVERY,
        "test_a_region_is_painted_on_the_picture_of_the_card_when_the_services_own_is_gone",
    ),
    "code 50278": (DELIVERY, "test_an_asker_who_shares_no_server_any_more_is_given_up_after_one_try"),
    "AutoMod": (DELIVERY, "test_where_a_word_is_blocked_the_card_comes_without_the_words"),
    "every edit answered 500": (DELIVERY, "test_a_card_whose_edits_always_fail_comes_as_a_new_message"),
    "locked thread": (DELIVERY, "test_a_command_in_a_locked_thread_sends_nothing_and_logs_one_line"),
    # Start, stop, settings
    "token reset while online": (
        "faults/test_refused_while_running.py",
        "test_a_reset_token_ends_the_bot_after_the_presses_on_their_way",
    ),
    "Cloudflare at the log-in": (OUTAGES, "test_cloudflare_is_not_asked_again_soon"),
    ".env in other encodings": (START, "test_the_file_is_read_in_every_encoding_that_names_itself"),
    "proxy": ("e2e/test_proxy.py", "test_discord_its_gateway_and_the_image_service_are_reached_through_the_proxy"),
    "before the network": (OUTAGES, "test_a_network_that_comes_later_is_waited_for"),
    "no session starts left": (OUTAGES, "test_no_session_is_started_while_none_is_left"),
    "Windows": (START, "test_a_system_without_file_locks_is_told_so"),
    "clock ahead": ("e2e/test_clock.py", "test_a_token_lives_as_long_as_discord_says"),
    "network share": (START, "test_a_network_share_without_locks_is_named"),
    # Daily use
    "a region leaves its card alive": (
        "e2e/test_region_card.py",
        "test_a_painted_region_marks_its_card_and_the_result_replies_to_it",
    ),
    "the place counts down": ("e2e/test_queue_positions.py", "test_a_place_counts_down_as_those_before_it_go"),
    "what the service has not": (
        "e2e/test_unavailable.py",
        "test_a_command_that_the_service_has_not_is_refused_by_name_before_anything_is_public",
    ),
    "nothing typed is lost": (DRAFTS, "test_every_refusal_of_the_service_hands_the_prompt_back"),
    "a late refusal names its command": (
        DELIVERY,
        "test_a_late_private_refusal_says_which_command_it_answers_and_the_prompt_once",
    ),
    "being told, per command": (
        "e2e/test_notifications.py",
        "test_every_command_that_makes_something_takes_the_choice",
    ),
    "permutations at the service": (
        "e2e/test_batches.py",
        "test_what_the_service_expands_itself_is_found_and_shown_each_with_a_card",
    ),
    "a removal is retried": (
        "e2e/test_deletion.py",
        "test_a_deletion_is_tried_again_by_itself_also_after_a_restart",
    ),
    "buttons in rows by kind": (
        "ui/test_card.py",
        "test_no_kind_is_broken_over_two_rows_whatever_stands_between_its_buttons",
    ),
    "a refused favorite": ("e2e/test_unavailable.py", "test_a_refused_favorite_leaves_nothing_in_the_lineage"),
    "the region editor": (CONTROLS, "test_the_prompt_outlives_a_reload_and_a_new_link_until_it_is_sent"),
    "sources and alt text": ("e2e/test_sources.py", "test_sources_stand_on_the_card_from_the_beginning_to_the_end"),
    "spoken names and switches": (
        "page/test_daily_use.py",
        "test_the_buttons_of_an_upscaled_picture_leave_room_for_it_on_a_phone",
    ),
    "a control of the bot's own is pressed first after a restart": (
        DRAFTS,
        "test_the_prompt_of_a_failed_task_is_edited_beside_try_again_also_after_a_restart",
    ),
    "thumbnails and jump links": (
        "e2e/test_sources.py",
        "test_lists_and_the_info_show_thumbnails_and_lead_to_messages",
    ),
    "links in prompts": (PROMPTS, "test_links_in_prompts_are_shown_but_not_live"),
}


@functools.cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("case", PROVED_BY)
def test_every_case_has_its_test(case: str) -> None:
    path, name = PROVED_BY[case]
    assert name in functions_in(path)
