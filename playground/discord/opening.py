"""The world as it stands when a local Discord starts. Its ids are constant: a saved database fits the next run."""

from playground.discord import permissions
from playground.discord.records import User
from playground.discord.world import World

BOT_ID = 1_100_000_000_000_000_001
OWNER_ID = 1_100_000_000_000_000_101
MOD_ID = 1_100_000_000_000_000_102
ADA_ID = 1_100_000_000_000_000_103
BOB_ID = 1_100_000_000_000_000_104
EVE_ID = 1_100_000_000_000_000_105
ATELIER_ID = 1_100_000_000_100_000_000
MODERATORS_ID = 1_100_000_000_100_000_010
STUDIO_ID = 1_100_000_000_100_000_020
LOUNGE_ID = 1_100_000_000_100_000_021
ELSEWHERE_ID = 1_100_000_000_200_000_000
HALL_ID = 1_100_000_000_200_000_020


def opening_world() -> World:
    """Two servers with the bot in both, five people; see the constants above."""
    owner = User(OWNER_ID, "owner", "Owner")
    world = World(User(BOT_ID, "atelier", "Atelier", bot=True), owner)
    atelier = world.add_guild("Atelier", owner, ATELIER_ID)
    moderators = world.add_role(atelier, "Moderators", permissions.MODERATOR, MODERATORS_ID)
    world.join(atelier, world.add_user("mod", MOD_ID), moderators)
    world.join(atelier, world.add_user("ada", ADA_ID))
    world.join(atelier, world.add_user("bob", BOB_ID))
    world.add_channel(atelier, "studio", STUDIO_ID)
    world.add_channel(atelier, "lounge", LOUNGE_ID)
    elsewhere = world.add_guild("Elsewhere", world.add_user("eve", EVE_ID), ELSEWHERE_ID)
    world.add_channel(elsewhere, "hall", HALL_ID)
    return world
