"""People's preferences."""

from __future__ import annotations

import pytest

from storage import Store, UserDefaults


async def test_preferences_are_kept_a_person(store: Store) -> None:
    assert await store.user_settings.of(7) == UserDefaults(7)
    chosen = UserDefaults(7, mode="relax", bot_type="NIJI_JOURNEY", aspect="16:9", suffix="--s 50", remix=True)
    await store.user_settings.save(chosen)
    assert await store.user_settings.of(7) == chosen
    assert await store.user_settings.of(8) == UserDefaults(8)


async def test_a_changed_setting_leaves_the_others_as_they_are(store: Store) -> None:
    assert await store.user_settings.change(7, mode="relax") == UserDefaults(7, mode="relax")
    changed = await store.user_settings.change(7, remix=True, aspect="16:9")
    assert changed == await store.user_settings.of(7) == UserDefaults(7, mode="relax", aspect="16:9", remix=True)
    assert await store.user_settings.change(7, mode=None) == UserDefaults(7, aspect="16:9", remix=True)
    assert await store.user_settings.remix_users(9) == {7}
    with pytest.raises(TypeError):
        await store.user_settings.change(7, colour="red")
