"""The mediator: generator + scorer + welfare + selection. Sees what the group wrote, and nothing that lies under truth/."""
