"""Defects that were seen in daily use, by their number, and what was added for it, with the tests that prove them."""

from __future__ import annotations

from tests.support.proofs import Case, by

PROMPTS, DELIVERY, DRAFTS = "e2e/test_prompts.py::", "e2e/test_delivery_faults.py::", "e2e/test_drafts.py::"
REGION, UNAVAILABLE, SOURCES = "e2e/test_region_card.py::", "e2e/test_unavailable.py::", "e2e/test_sources.py::"
NOTIFIED, FACTS, DELETION = "e2e/test_notifications.py::", "e2e/test_card_facts.py::", "e2e/test_deletion.py::"
USES, BATCHES, LISTS = "e2e/test_picture_uses.py::", "e2e/test_batches.py::", "e2e/test_commands_lists.py::"
CARD, CONTROLS, PAGE = "ui/test_card.py::", "mask_editor/test_controls.py::", "page/test_daily_use.py::"
MENUS, PLACES = "e2e/test_commands_menus.py::", "e2e/test_queue_positions.py::"

DEFECTS = {
    1: Case(
        "a region leaves its card alive, and the result replies to the picture",
        by(REGION + "test_a_painted_region_marks_its_card_and_the_result_replies_to_it"),
        by(REGION + "test_areas_picked_under_the_private_message_lead_to_a_reply_to_the_card"),
        by(
            REGION + "test_the_refusal_of_a_lent_token_gives_no_card_up",
            "404-10008",
            "401-50027",
            "404-10015",
            "400-40094",
        ),
        by(REGION + "test_a_region_that_is_sent_after_the_token_has_ended_replies_to_the_card"),
        by(REGION + "test_where_the_bot_is_no_member_the_press_reaches_its_card_and_the_result_replies_to_it"),
        by(REGION + "test_a_card_that_was_deleted_stays_given_up_though_a_press_lent_it_a_token"),
    ),
    2: Case(
        "the place in the queue counts down",
        by(PLACES + "test_a_place_counts_down_as_those_before_it_go", "order0", "order1"),
        by(PLACES + "test_no_place_is_claimed_where_nothing_would_count_it_down"),
        by("e2e/test_fairness.py::test_a_request_that_waits_says_its_place_counts_down_and_becomes_its_picture"),
    ),
    3: Case(
        "what the service does not have is refused before anything is public, or not offered",
        by(UNAVAILABLE + "test_the_heart_is_not_offered_where_the_service_is_known_to_refuse_it"),
        by(
            UNAVAILABLE + "test_a_command_that_the_service_has_not_is_refused_by_name_before_anything_is_public",
            *("edit", "video", "shorten", "swap", "upload"),
        ),
        by(UNAVAILABLE + "test_a_link_to_describe_is_fetched_by_the_bot_where_the_service_takes_none"),
        by(UNAVAILABLE + "test_a_link_goes_on_as_it_is_where_the_service_takes_links"),
        by(USES + "test_what_the_service_lacks_is_not_offered"),
    ),
    4: Case(
        "nothing typed is lost",
        by(DRAFTS + "test_a_banned_prompt_is_edited_and_sent_with_all_else_that_was_chosen_after_a_restart"),
        by(
            DRAFTS + "test_every_refusal_of_the_service_hands_the_prompt_back",
            *("code_23", "code_4", "code_3", "rate_limited", "code_9"),
        ),
        by(DRAFTS + "test_bad_input_is_handed_back_before_anything_is_sent"),
        by(DRAFTS + "test_a_mode_that_is_not_there_costs_nobody_their_prompt"),
        by("e2e/test_refusals.py::test_a_service_that_is_down_is_told_and_logged_once_and_over_when_it_is_back"),
        by(DRAFTS + "test_a_prompt_written_into_a_buttons_window_is_handed_back_in_that_window"),
        by(DRAFTS + "test_the_chosen_parts_of_a_region_are_still_chosen"),
        by(DRAFTS + "test_the_prompt_of_a_failed_task_is_edited_beside_try_again_also_after_a_restart"),
        by(DRAFTS + "test_recent_drafts_are_found_by_their_author_alone_until_they_are_sent"),
        by("test_cleanup.py::test_drafts_go_after_a_day_and_thumbnails_after_some_weeks"),
        by(PAGE + "test_a_refused_prompt_is_edited_and_sent_on_the_page"),
    ),
    5: Case(
        "a late private refusal says which command it answers",
        by(
            DELIVERY + "test_a_late_private_refusal_says_which_command_it_answers_and_the_prompt_once",
            "imagine",
            "shorten",
        ),
        by(DELIVERY + "test_a_late_private_refusal_without_a_draft_says_what_was_typed"),
        by(DELIVERY + "test_a_late_refusal_without_words_names_the_menu_or_the_command", '"Describe"', '"blend"'),
    ),
    6: Case(
        "buttons stand in rows by kind, in the order of the API",
        by(PAGE + "test_the_card_of_an_upscaled_picture_does_not_fill_a_phone"),
        by(CARD + "test_no_kind_is_broken_over_two_rows_whatever_stands_between_its_buttons", 0, 1, 2, 3),
        by(CARD + "test_buttons_stand_in_the_services_order_five_a_row"),
        by(CARD + "test_more_of_a_kind_than_a_row_takes_is_broken_and_stays_in_the_services_order"),
    ),
    7: Case(
        "a refused ❤️ leaves nothing in the lineage; private panels show privately and offer *Post here*",
        by(UNAVAILABLE + "test_a_refused_favorite_leaves_nothing_in_the_lineage"),
        by(UNAVAILABLE + "test_a_favorite_that_was_taken_leaves_nothing_in_the_lineage_either"),
        by(LISTS + "test_ones_own_tasks_are_listed_newest_first_in_pages_and_the_buttons_show_them", '"Post here"'),
        by(MENUS + "test_task_info_tells_what_is_known_and_leads_to_parent_and_children", '"Post here"'),
    ),
    8: Case(
        "the region editor keeps the prompt and has all that people expect of it",
        by(CONTROLS + "test_the_prompt_outlives_a_reload_and_a_new_link_until_it_is_sent"),
        by(CONTROLS + "test_buttons_zoom_the_image_and_fit_it_again"),
        by(CONTROLS + "test_what_is_painted_is_inverted_and_the_step_undone"),
        by(CONTROLS + "test_everything_is_selected_and_a_hole_erased"),
        by(CONTROLS + "test_every_control_has_a_label_that_can_be_seen"),
        by(CONTROLS + "test_an_uploaded_mask_adds_to_what_is_painted"),
        by(CONTROLS + "test_a_mask_is_dropped_on_the_image"),
        by(CONTROLS + "test_a_way_back_to_the_message_stands_beside_the_image_and_after_sending", "Pick areas instead"),
        by(CONTROLS + "test_rectangles_are_drawn_by_keyboard_alone"),
        by(CONTROLS + "test_the_keyboard_erases_with_the_eraser"),
        by(CONTROLS + "test_on_a_phone_everything_is_large_enough_and_nothing_overflows", "light", "dark"),
    ),
    9: Case(
        "sources stand on the card, every image has alt text, and the result of a swap leads on",
        by(
            SOURCES + "test_sources_stand_on_the_card_from_the_beginning_to_the_end",
            *("blend", "swap", "edit", "describe", "imagine"),
        ),
        by(SOURCES + "test_sources_come_back_with_a_task_that_is_shown_again_after_a_restart"),
        by(SOURCES + "test_each_of_four_pictures_says_which_it_is"),
        by(CARD + "test_each_of_several_pictures_and_of_those_it_was_made_from_says_which_it_is"),
        by(CARD + "test_an_empty_prompt_leaves_no_picture_without_words"),
        by(USES + "test_another_face_goes_into_the_result_of_a_swap_also_after_a_restart"),
        by(USES + "test_the_result_of_a_swap_is_animated_where_the_service_makes_clips"),
    ),
    10: Case(
        "buttons and switches have names of their own, and a pressed one is marked by more than its colour",
        by(
            CARD + "test_a_button_that_was_an_emoji_alone_has_a_name_to_be_read_aloud_and_is_marked_when_pressed",
            *("✓ Reroll", "Favorite"),
        ),
        by(CARD + "test_every_button_has_a_caption_that_discord_takes", "⬅️"),
        by(CARD + "test_a_pressed_button_shows_it", "✓ U1"),
        by(PAGE + "test_a_refused_prompt_is_edited_and_sent_on_the_page", "✓ U1"),
        by("ui/test_panels.py::test_every_switch_is_named_with_its_state", "True-True", "True-False", "False-False"),
        by(DRAFTS + "test_a_press_that_takes_no_prompt_hands_it_back_for_a_command", '"Remix: off"'),
    ),
    11: Case(
        "`/tasks`, `/queue` and *Task info* show thumbnails and lead to messages; a suffix is checked",
        by(SOURCES + "test_lists_and_the_info_show_thumbnails_and_lead_to_messages"),
        by(SOURCES + "test_the_queue_leads_to_messages_and_says_nothing_of_what_there_is_none_of"),
        by(LISTS + "test_ones_own_tasks_are_listed_newest_first_in_pages_and_the_buttons_show_them", "Page 2 of 2"),
        by(PROMPTS + "test_a_suffix_is_checked_when_it_is_saved", "in ink --ar wide", "in ink —relax", '"x" * 496'),
        by("tasks/test_user_defaults.py::test_a_suffix_is_checked", "--s high --c 5", "--no"),
    ),
    12: Case(
        "links in prompts do not become live",
        by(
            PROMPTS + "test_links_in_prompts_are_shown_but_not_live",
            *("a cat --sref https://pictures.example/a_b.png", "a forbiddenword https://host.example/x"),
        ),
        by(
            "ui/test_words.py::test_formatting_is_shown_and_not_applied",
            *("[free nitro](https://bad.example)", "<http://a.example/b_c>", "https://a.example/{x}|y"),
        ),
        by("ui/test_words.py::test_no_text_is_formatting_a_mention_a_hidden_address_or_longer_than_its_limit"),
    ),
}

FEATURES = {
    "being told that a result is there": Case(
        "a reply mentions its asker, when it took long or others have written since, and nobody else",
        by(NOTIFIED + "test_the_asker_is_mentioned_below_the_card_when_others_have_written_since"),
        by(NOTIFIED + "test_what_took_longer_than_a_minute_is_told_once_though_the_bot_was_killed"),
        by(NOTIFIED + "test_a_result_that_comes_at_once_mentions_no_one"),
        by(NOTIFIED + "test_somebody_elses_pictures_count_as_written_and_ones_own_do_not"),
        by(NOTIFIED + "test_the_setting_holds_for_every_command_and_the_command_wins", "always", "never", "auto"),
        by(
            NOTIFIED + "test_a_forged_prompt_mentions_no_one_else",
            *("<@{bob}> @everyone <@&{guild}> a fox", "a fox <@!{bob}> @here", "`<@{bob}>` fox"),
        ),
        by(NOTIFIED + "test_every_command_that_makes_something_takes_the_choice"),
        by(NOTIFIED + "test_a_failure_is_told_too"),
        by(NOTIFIED + "test_the_asker_is_told_wherever_they_asked", "in_direct_messages", "where_the_bot_is_no_member"),
    ),
    "what a card says": Case(
        "mode, model and version, how long its kind takes, and the original",
        by(
            FACTS + "test_a_card_says_its_mode_its_model_and_the_version",
            *(" · fast · Midjourney 6.1 · ", " · turbo · Niji 6 · ", "> · Midjourney 7 · "),
        ),
        by(FACTS + "test_what_no_one_chose_is_named_as_the_services_final_prompt_tells_it"),
        by(FACTS + "test_where_neither_person_nor_service_names_a_model_the_card_leaves_it_out"),
        by(FACTS + "test_a_card_says_how_long_its_kind_usually_takes_once_that_is_known", "usually about 40 s"),
        by(FACTS + "test_long_durations_are_told_in_minutes"),
        by(FACTS + "test_the_original_can_be_opened_where_its_address_may_be_shown"),
    ),
    "deleting one's own results": Case(
        "asked first; the message goes and the task stays in the list",
        by(DELETION + "test_a_result_goes_after_a_confirmation_and_stays_in_the_list_as_deleted"),
        by(DELETION + "test_moderators_delete_and_others_cannot"),
        by(DELETION + "test_what_was_made_from_a_deleted_result_stays_and_its_buttons_work"),
        by(DELETION + "test_every_message_of_a_result_goes"),
        by(DELETION + "test_where_the_bot_is_no_member_its_message_is_removed_by_its_token"),
        by(DELETION + "test_a_deletion_is_tried_again_by_itself_also_after_a_restart"),
    ),
    "a menu on any picture": Case(
        "*Use this image…* edits, animates and more",
        by(USES + "test_anybodys_picture_can_be_edited_animated_and_restyled", "edit", "video", "retexture"),
        by(USES + "test_a_result_of_the_bot_begins_a_new_picture_after_a_restart"),
        by(USES + "test_a_blend_takes_further_pictures_and_no_words"),
    ),
    "several pictures from one prompt": Case(
        "permutations, repeats and lines, asked about first, each with its own card",
        by(
            BATCHES + "test_each_prompt_becomes_a_card_of_its_own_after_one_question",
            *(
                "a {red, blue} fox --ar 3:2",
                "a fox --repeat 3",
                "a fox\nan owl\n--ar 3:2\n\na cat",
                "an {owl, elk} —r 2",
            ),
        ),
        by(BATCHES + "test_a_prompt_can_be_sent_as_it_was_typed"),
        by(BATCHES + "test_more_than_ten_are_refused_with_what_was_typed", "a fox --repeat 11"),
        by(BATCHES + "test_where_the_service_makes_several_of_one_request_each_has_its_card"),
        by(BATCHES + "test_what_the_service_expands_itself_is_found_and_shown_each_with_a_card"),
        by(DRAFTS + "test_too_many_pictures_from_one_prompt_are_edited_down_and_asked_about"),
    ),
    "Discord's error codes": Case(
        "each code on each call: nothing tried for ever, nothing lost in silence",
        by(
            "ui/test_discord_errors.py::test_what_is_refused_each_time_is_shown_elsewhere_or_given_up_with_a_line",
            *("create follow-up", "edit by a lent token", "create in channel", "create direct message"),
        ),
        by(
            "ui/test_discord_errors.py::test_what_is_refused_once_is_shown_unless_nobody_wants_it",
            *("edit by its token", "edit in channel", "open direct messages"),
        ),
        by(
            DELIVERY + "test_however_discord_tells_that_the_token_has_ended_the_channel_serves",
            *(10015, 10062, 40094, 50027),
        ),
    ),
    "the first press after a restart": Case(
        "controls of the bot's own work before anything else was used",
        by(
            DRAFTS + "test_the_prompt_of_a_failed_task_is_edited_beside_try_again_also_after_a_restart", '"Edit prompt"'
        ),
        by("e2e/test_main_job.py::test_a_failed_task_says_why_and_offers_another_try_also_after_a_restart"),
        by("e2e/test_main_job.py::test_a_page_of_many_buttons_is_turned_after_a_restart"),
        by(LISTS + "test_a_list_is_narrowed_by_state_and_words_also_after_a_restart"),
        by("e2e/test_missing_pictures.py::test_a_picture_that_never_comes_is_missed_in_words_and_can_be_fetched_later"),
    ),
}
