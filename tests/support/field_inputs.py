"""Files and words of people that broke other software of this kind, by their number in the list of reports, and the
tests that prove them.

The first proof of each is the case itself at the place that it names; the others are its relatives.
"""

from __future__ import annotations

from tests.support.proofs import Case, by

FILES = "e2e/test_files.py::"
PROMPTS = "e2e/test_prompts.py::"
LINKS = "e2e/test_attachment_links.py::"
PREPARE = "pictures/test_prepare.py::"
PROMPT = "tasks/test_prompt.py::"
DEFAULTS = "tasks/test_user_defaults.py::"
ACCEPTED = FILES + "test_what_browsers_show_is_taken_by_a_command"
SHOWN = FILES + "test_the_card_shows_its_end_whatever_file_the_service_hands_out"
NAMED = FILES + "test_what_cannot_be_used_is_named_with_the_way_out"
FOUND = FILES + "test_a_picture_is_found_wherever_a_message_has_it"
TYPES = FILES + "test_a_wrong_type_is_no_reason_to_refuse"
UNTOUCHED = PREPARE + "test_private_data_are_dropped_and_no_pixel_is_encoded_again"
DASHES = PROMPTS + "test_a_shape_typed_with_any_dashes_is_the_only_one_that_is_sent"
SPELLED = PROMPT + "test_a_flag_is_seen_however_it_was_spelled"
FLAGS = PROMPT + "test_flags_are_told_apart"
PASTED = PROMPTS + "test_a_pasted_command_is_read_by_commands_and_windows_alike"
SUFFIX = DEFAULTS + "test_a_suffix_adds_what_the_prompt_does_not_say_itself"

INPUTS = {
    1: Case(
        "camera JPEG with a second picture inside",
        by(ACCEPTED, "second picture inside", "clip behind"),
        by(SHOWN, "second picture"),
        by(TYPES, '"photo.webp", None, photo'),
        by(FOUND, "given(with_second_picture())"),
        by(
            FILES + "test_the_bytes_say_what_a_file_is_where_discord_does_not", '"image2": given(with_second_picture())'
        ),
        by(UNTOUCHED, "second picture, grey", "three pictures"),
        by(PREPARE + "test_a_photo_with_a_gain_map_is_sent_upright_and_alone"),
        by("pictures/test_mask_uploads.py::test_a_mask_is_read_as_its_maker_meant_it", "camera's jpeg"),
    ),
    13: Case(
        "`–ar`, `——ar`, `,--ar`, `-- ar`",
        by(DASHES, "–ar 9:16", "——ar 9:16", "−−ar 9:16", "-- ar 9:16"),
        by(
            SPELLED,
            "a lighthouse －－ar 9:16",
            "a lighthouse ーーar 9:16",
            "a lighthouse ‑‑ar 9:16",
            "a lighthouse --ar=9:16",
        ),
        by(FLAGS, "a lighthouse,--ar 9:16,--v 7", "一只猫——ar 16:9——niji 6"),
        by(SUFFIX, "—s 250 —— c 5"),
    ),
    14: Case(
        "prompt pasted with `/imagine prompt:` before it",
        by(PASTED, "/imagine prompt: a tin robot in snow --ar 3:2 -- niji 6", "/imagine prompt: a tin\\nrobot —zoom 2"),
        by(DASHES, "`a lighthouse --ar 9:16`"),
        by("mask_editor/test_rules.py::test_the_page_reads_prompts_as_commands_do", "/imagine prompt: a tin\\nrobot"),
        by(FLAGS, "/imagine prompt: a red fox in snow --ar 3:2 -- niji 6", "**a red fox –niji 6** - <@1234> (fast)"),
    ),
    15: Case(
        "`--niji 6` meets a default `--v 7`",
        by(PROMPTS + "test_the_model_follows_what_was_typed", "a cat --niji 6", "a dog –niji", "an owl --v 7"),
        by(SUFFIX, "a cat --version 6", "a bird {--v 5, --niji 5}"),
        by(PROMPTS + "test_a_default_that_the_suffix_speaks_against_is_not_saved"),
    ),
    16: Case(
        "`--fast` typed, default mode relax",
        by(PROMPTS + "test_a_typed_mode_decides_the_path_and_the_card", "plus", "trueai"),
        by(PROMPTS + "test_a_typed_mode_also_stays_in_the_prompt_where_the_path_does_not_reach_what_draws", "—relax"),
        by(PROMPTS + "test_a_typed_mode_stands_in_the_body_where_the_service_wants_it_there", "–relax", "--turbo"),
        by(PROMPTS + "test_a_mode_typed_in_a_window_holds_for_both_of_its_requests"),
    ),
    17: Case(
        "picture without `content_type`",
        by(
            FILES + "test_the_bytes_say_what_a_file_is_where_discord_does_not",
            *("IMG_0412", "poster.jpg_large", "scan.JPG.orig"),
        ),
        by(TYPES, '"notes.txt", None', '"IMG_0412", "application/octet-stream"'),
    ),
    18: Case(
        "forwarded message with a picture",
        by(
            FOUND,
            "bob.forward(attached, env.studio)",
            'bob.forward(await bob.say(env.studio, f"see <{address}>"), env.studio)',
            "bob.say(env.studio, stickers=[sticker])",
            "bob.forward(await bob.say(env.studio, stickers=[moving]), env.studio)",
        ),
    ),
    19: Case(
        "link in `<…>`, link without embed",
        by(LINKS + "test_a_link_to_describe_is_read_out_of_its_brackets_and_refreshed"),
        by(FOUND, "look: <{address}>", "here ({address}), nice"),
        by(PROMPTS + "test_words_links_and_permutations_arrive_to_the_letter", "<https://s.mj.run/abc--d> a cat"),
        by(
            PROMPT + "test_a_link_is_found_in_what_was_pasted",
            "[cat](<https://host.example/cat.png>)",
            "||https://host.example/cat.png||",
        ),
    ),
    20: Case(
        "PNG whose packed text or colour profile is over 1 MiB",
        by(ACCEPTED, "packed text"),
        by(SHOWN, "packed text"),
        by(UNTOUCHED, "packed international text", "large profile"),
    ),
    22: Case(
        "JPEG that lacks its last bytes",
        by(ACCEPTED, "cut by two bytes"),
        by(SHOWN, "cut"),
        by(
            PREPARE + "test_a_file_that_lacks_its_last_bytes_is_taken_and_said_to_be_so",
            *("JPEG-20", "JPEG-200", "progressive-200", "PNG-20"),
        ),
        by(PREPARE + "test_a_file_that_lacks_too_much_is_said_to_be_cut_short", "AVIF-0.01", "BMP-0.01", "WEBP-0.5"),
        by(NAMED, "half.jpg"),
    ),
    23: Case(
        "phone photo of 108 and 200 megapixels",
        by(
            FILES + "test_a_photo_of_very_many_pixels_is_made_smaller_and_that_is_said",
            *((12_000, 9_000), (16_320, 12_240), (9_248, 6_936)),
        ),
        by(
            PREPARE + "test_photos_of_very_many_pixels_are_made_smaller",
            *((7_000, 9_500), (11_600, 5_800), (18_600, 14_000)),
        ),
    ),
    24: Case(
        "reference photo of 12 to 20 MB",
        by(FILES + "test_a_photo_of_many_bytes_is_made_to_fit_and_that_is_said", '"upload"', '"describe"'),
        by(PREPARE + "test_a_file_of_too_many_bytes_is_made_to_fit", "JPEG", "PNG", "WEBP"),
    ),
    25: Case(
        "odd Exif number in a picture that has to be made smaller",
        by(FILES + "test_a_large_result_with_odd_exif_is_made_to_fit_upright"),
        by(ACCEPTED, "odd exif"),
        by(PREPARE + "test_odd_exif_is_no_reason_to_fail", "6-PNG", "6-WEBP"),
        by(
            PREPARE + "test_no_odd_entry_of_exif_keeps_a_picture_from_standing_upright",
            *("a resolution in words-6", "a place behind the end-6", "a directory within itself-6"),
        ),
    ),
    27: Case(
        "mask with soft edges, with alpha, or as JPEG",
        by(
            "mask_editor/test_uploads.py::test_a_mask_as_editors_write_it_is_sent_and_its_maker_is_told_how_it_was_read",
            *("soft", "jpeg", "twice the size", "erased"),
        ),
        by("mask_editor/test_controls.py::test_a_mask_as_other_editors_make_it_is_read_as_in_discord", "transparent"),
        by(
            "pictures/test_mask_uploads.py::test_a_mask_is_read_as_its_maker_meant_it",
            *("painted", "a rounded size", "on its side"),
        ),
    ),
    28: Case(
        "HEIC from an iPhone; AVIF",
        by(NAMED, "IMG_1.HEIC", "scan.tif", "logo.png"),
        by(ACCEPTED, "avif", "bmp"),
        by(SHOWN, "avif"),
        by(PREPARE + "test_photos_of_iphones_are_known_by_name", "mif1", "heix"),
        by(PREPARE + "test_raw_files_of_cameras_are_named"),
    ),
    29: Case(
        "spoilered source, open result",
        by(
            FILES + "test_what_is_made_from_a_hidden_picture_is_hidden_and_so_are_its_children",
            *('"image1": png("SPOILER_cat.png")', 'env.press(grid, "U1")', "SPOILER_cat.png?ex=1 a cat"),
        ),
        by(
            FILES + "test_words_about_a_hidden_picture_are_hidden",
            *('{"link": env.discord.files.url(posted.attachments[0])}', 'png("SPOILER_sea.png")'),
        ),
        by(
            FILES + "test_what_another_command_makes_from_a_hidden_picture_is_hidden_too",
            *("edit", "retexture", "swap"),
        ),
    ),
    35: Case(
        "message link given where an id is wanted",
        by(
            "e2e/test_task_links.py::test_a_task_is_shown_by_the_link_of_its_message",
            *("discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com"),
        ),
        by("e2e/test_task_links.py::test_a_task_is_meant_by_the_link_of_its_picture", "?ex=1&is=2&hm=3&", "SPOILER_"),
        by("e2e/test_task_links.py::test_a_seed_is_told_and_a_task_stopped_by_the_link_of_a_message"),
    ),
    36: Case(
        "Discord picture link in a prompt that has ended",
        by(
            LINKS + "test_links_that_have_ended_are_refreshed_wherever_they_stand_in_a_prompt",
            *("<{link}> a cat", "--sref {past}", "—oref {link}"),
        ),
        by(
            LINKS + "test_a_link_that_cannot_be_refreshed_is_named_before_anything_is_sent",
            "no such file",
            "Discord fails",
        ),
        by(LINKS + "test_a_link_in_a_window_is_refreshed"),
    ),
    38: Case(
        "prompt of invisible characters; zero-width space before a flag",
        by(
            PROMPTS + "test_a_prompt_that_says_nothing_is_refused_and_nothing_is_sent",
            *("\u200b\u2060", "\u3164 \u00ad", "/imagine prompt: \u200b"),
        ),
        by(DASHES, "a lighthouse\\u200b--ar 9:16"),
        by(SPELLED, "a lighthouse\u00ad–ar 9:16", "a lighthouse\u2060 -\u200b-ar 9:16"),
    ),
}
