"""Answers of Discord and of image services, and conditions of a start, that broke other software of this kind, by their
number in the list of reports, and the tests that prove them.

The first proof of each is the case itself at the place that it names; the others are its relatives.
"""

from __future__ import annotations

from tests.support.proofs import Case, by

FILES = "e2e/test_files.py::"
DELIVERY = "e2e/test_delivery_faults.py::"
BODIES = "e2e/test_http_bodies.py::"
MISSING = "e2e/test_missing_pictures.py::"
FETCH = "pictures/test_fetch.py::"
START = "test_start.py::"
OUTAGES = "test_outages.py::"
CLOSED = "faults/test_refused_while_running.py::"
ERRORS = "ui/test_discord_errors.py::"
BODY_READING = "midjourney/test_bodies.py::"
FOUND = FILES + "test_a_picture_is_found_wherever_a_message_has_it"
SPOILT = BODIES + "test_a_service_whose_answers_are_spoilt_on_their_way_works"
WAITED_OUT = OUTAGES + "test_an_outage_at_the_start_is_waited_out"

ANSWERS = {
    2: Case(
        "attachments that components show are not in `attachments`",
        by(DELIVERY + "test_a_region_is_painted_on_the_picture_of_the_card_when_the_services_own_is_gone"),
        by("mask_editor/test_rules.py::test_where_the_services_picture_is_gone_the_attached_one_is_painted_on"),
        by("e2e/test_commands_menus.py::test_a_result_of_ours_can_be_described"),
        by("e2e/test_picture_uses.py::test_a_result_of_the_bot_begins_a_new_picture_after_a_restart"),
        by(FOUND, "bob.forward(card, env.studio)"),
    ),
    3: Case(
        "direct message refused with code 50278",
        by(DELIVERY + "test_an_asker_who_shares_no_server_any_more_is_given_up_after_one_try"),
        by(
            ERRORS + "test_somebody_who_cannot_be_written_to_is_given_up_after_one_try_also_after_a_start",
            *(50278, 50007, 20026, 40003),
        ),
    ),
    4: Case(
        "token reset while the bot is online",
        by(CLOSED + "test_a_reset_token_ends_the_bot_after_the_presses_on_their_way"),
        by(CLOSED + "test_a_window_that_was_deferred_is_answered_after_the_token_was_reset"),
        by(CLOSED + "test_each_close_code_for_good_has_its_line_and_its_exit_code", 4004, 4010, 4011, 4012, 4013, 4014),
    ),
    5: Case(
        "log-in answered by Cloudflare",
        by(WAITED_OUT, "cloudflare-1015", "cloudflare-403", "page-503-after-the-first-answer"),
        by(OUTAGES + "test_cloudflare_is_not_asked_again_soon"),
        by(OUTAGES + "test_discords_own_tries_may_all_fail"),
    ),
    6: Case(
        "`.env` in another encoding",
        by(START + "test_the_file_is_read_in_every_encoding_that_names_itself", "utf-16-le", "utf-16-be", "utf-32"),
        by(START + "test_a_file_that_cannot_be_read_is_named_on_one_line", "ansi", "ansi-cyrillic", "half-a-character"),
        by(START + "test_a_file_that_may_not_be_read_is_named"),
    ),
    7: Case(
        "`imageUrl` is only a path",
        by(
            MISSING + "test_an_address_without_a_host_leads_to_the_service",
            *("/mj/image/{id}", "mj/image/{id}", "//mj/image/{id}", "api.example.org/mj/image/{id}"),
        ),
        by(MISSING + "test_addresses_without_a_host_in_callbacks_are_followed_too", "plus", "trueai"),
        by(
            "test_urls.py::test_a_relative_address_leads_to_the_service",
            "/files/a%2Fb.png",
            "//cdn.example.net/a%40.png",
        ),
    ),
    8: Case(
        "finished without a picture address yet",
        by(
            MISSING + "test_a_picture_that_comes_late_is_waited_for",
            "newapi-null",
            "newapi-empty",
            "plus-not available",
        ),
        by(MISSING + "test_a_picture_that_never_comes_is_missed_in_words_and_can_be_fetched_later"),
        by(MISSING + "test_a_picture_within_its_address_is_shown_as_a_picture", "png", "jpeg", "webp"),
    ),
    9: Case(
        "answer packed with br or zstd unasked",
        by(SPOILT, "packed_br", "packed_zstd", "packed_gzip", "not_packed"),
        by(BODY_READING + "test_an_answer_is_read_however_it_is_packed", "br", "zstd"),
        by(FETCH + "test_a_picture_is_unpacked_though_it_was_asked_for_as_it_is", "br", "zstd"),
    ),
    10: Case(
        "one response header above 8,190 bytes",
        by(SPOILT, "long_header"),
        by(BODIES + "test_headers_that_cannot_be_read_are_one_line_for_the_operator"),
        by(BODY_READING + "test_a_long_header_is_no_trouble", "Set-Cookie-9000", "Content-Security-Policy-65000"),
        by(FETCH + "test_a_long_header_of_a_host_is_no_trouble", "Set-Cookie: id=", "Link: "),
    ),
    11: Case(
        "whole body came, its framing says more should",
        by(SPOILT, "cut_short", "unended_chunks"),
        by(
            BODY_READING + "test_a_whole_answer_counts_though_more_was_promised",
            "within a chunk",
            "length and a coding that is none",
        ),
        by(BODY_READING + "test_a_whole_answer_counts_though_its_connection_stays_open"),
        by(FETCH + "test_a_whole_picture_counts_though_more_was_promised", "length-JPEG", "chunked-GIF"),
    ),
    12: Case(
        "`%3A`, `%40`, `%2F` of a signed address rewritten",
        by(
            MISSING + "test_a_signed_address_is_asked_for_to_the_letter",
            *("{base}{target}", "//{host}{target}", "{base}/go"),
        ),
        by(
            FETCH + "test_an_address_is_asked_for_to_the_letter",
            *(
                "/a+b%20c.png?X-Amz-Credential=AK%2F20260101%2Fs3&t=a+b",
                "/unsafe/%7Ebob/(1)!*'.png?q=%5B%5D&r=[]&e=%e2%82%ac",
            ),
        ),
    ),
    30: Case(
        "U1 pressed seconds after the end: `task_status_not_success`",
        by(
            "e2e/test_unready_parents.py::test_a_press_that_comes_too_soon_is_sent_again_by_itself",
            *("newapi", "the family's own words", "another envelope"),
        ),
        by("e2e/test_unready_parents.py::test_a_press_that_waits_is_sent_once_after_a_restart", "newapi-killed"),
    ),
    31: Case(
        "AutoMod refuses an edit of a user-installed app",
        by(DELIVERY + "test_where_a_word_is_blocked_the_card_comes_without_the_words"),
        by(
            ERRORS + "test_a_channel_that_blocks_the_card_without_its_words_too_sends_it_to_the_asker",
            *(200000, 200001, 240000),
        ),
        by(ERRORS + "test_progress_that_is_refused_for_its_words_goes_on_without_them"),
    ),
    33: Case(
        "one button's emoji makes the whole card fail",
        by(
            DELIVERY + "test_one_emoji_that_discord_does_not_know_costs_the_card_its_emoji_alone",
            "flag",
            "joined",
            "tags",
        ),
        by(ERRORS + "test_a_card_comes_without_the_emoji_that_discord_does_not_know"),
    ),
    34: Case(
        "every edit of one message answered 500",
        by(DELIVERY + "test_a_card_whose_edits_always_fail_comes_as_a_new_message"),
        by(ERRORS + "test_a_message_whose_edits_always_fail_becomes_a_new_one", "500-5", "502-5", "504-5", "503-1"),
    ),
    40: Case(
        "`HTTPS_PROXY` not used",
        by(
            "e2e/test_proxy.py::test_discord_its_gateway_and_the_image_service_are_reached_through_the_proxy",
            *("https", "http"),
        ),
        by("e2e/test_proxy.py::test_what_no_proxy_names_is_reached_directly"),
        by("e2e/test_proxy.py::test_a_proxy_that_is_not_there_is_waited_for"),
    ),
    41: Case(
        "started before the network is up",
        by(OUTAGES + "test_a_network_that_comes_later_is_waited_for"),
        by(OUTAGES + "test_a_name_that_cannot_be_resolved_is_waited_for"),
        by(OUTAGES + "test_a_gateway_that_is_not_there_yet_is_waited_for"),
        by(WAITED_OUT, "cut-off", "sign-in"),
    ),
    42: Case(
        "no session starts left for today",
        by(OUTAGES + "test_no_session_is_started_while_none_is_left"),
        by(OUTAGES + "test_a_lost_session_is_not_begun_again_while_no_start_is_left"),
        by(OUTAGES + "test_few_session_starts_are_warned_of", "49-True", "50-False"),
    ),
    44: Case(
        "`fcntl` does not exist on Windows",
        by(
            START + "test_a_system_without_file_locks_is_told_so",
            *(["run"], ["doctor"], ["playground"], ["backup", "copy.db"]),
        ),
    ),
    45: Case(
        "host clock 20 minutes ahead",
        by("e2e/test_clock.py::test_a_token_lives_as_long_as_discord_says", "ahead", "behind", "a-day-ahead"),
        by("e2e/test_clock.py::test_times_are_shown_by_discords_clock", "ahead"),
    ),
    46: Case(
        "database on NFS or SMB",
        by(START + "test_a_network_share_without_locks_is_named", "ENOLCK", "EOPNOTSUPP", "EINVAL", "ENOSYS"),
        by(START + "test_a_share_without_shared_memory_is_named"),
    ),
    47: Case(
        "command used in a locked, archived thread",
        by(DELIVERY + "test_a_command_in_a_locked_thread_sends_nothing_and_logs_one_line"),
        by(DELIVERY + "test_in_an_archived_thread_the_end_comes_as_a_new_message"),
        by(
            DELIVERY + "test_whatever_code_the_first_answer_meets_nothing_is_sent_and_one_line_tells",
            "where_used",
            "40060",
        ),
    ),
}
