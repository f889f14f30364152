"""The applications that are tested behind switches, by what they are for."""

from harness.programs import control, lan, media, pipewire

APPLICATIONS = (*control.APPLICATIONS, *media.APPLICATIONS, *pipewire.APPLICATIONS,
                *lan.APPLICATIONS)
