"""Documents inside of others: JSON that was made before and is spliced in as it stands.

The types say nothing to the encoder, and to a schema which type the JSON was made from.
"""

from typing import Annotated

from msgspec import Meta, Raw

EntryDocument = Annotated[Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Entry"})]
HeaderDocument = Annotated[Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Header"})]
EventDocument = Annotated[Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/EventMessage"})]
BlogDocument = Annotated[Raw, Meta(extra_json_schema={"$ref": "#/components/schemas/Blog"})]
