"""Settings of a worker: the time zone stands in ``tierlink.yaml``, unless the environment says it."""

from __future__ import annotations

from tierlink.processors.settings import ProcessorSettings

__all__ = ["processor_settings"]


def processor_settings() -> ProcessorSettings:
    """Settings from the environment, completed from the configuration file.

    Raises:
        ConfigurationError: no zone in the environment and no configuration that can be read.
    """
    settings = ProcessorSettings()
    if "zone" in settings.model_fields_set:
        return settings
    from tierlink.installation.configuration import read_configuration
    from tierlink.installation.settings import InstallationSettings

    return ProcessorSettings(zone=read_configuration(InstallationSettings().config_file).zone)
