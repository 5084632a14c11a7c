"""What configurations are made of: their base model, and the words that every study, environment and command shares.

`base` says what every model refuses; `fields` holds the shared fields, each with its one sentence, unit and default; `limits` the
kinds of limits and their named profiles, `limit_fields` how a configuration asks for them; `field_kinds` says what a field takes,
`short_texts` reads DERs and numbers from one text, `unknown` says what to write in place of a name that a model does not have.

Nothing heavy is imported here: the command line needs all of it to print help.
"""

from __future__ import annotations

from tieline.settings.base import Settings

__all__ = ["Settings"]
