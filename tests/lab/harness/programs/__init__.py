"""The applications that are tested behind switches, by what they are for."""

from harness.programs import control, media

APPLICATIONS = (*control.APPLICATIONS, *media.APPLICATIONS)
