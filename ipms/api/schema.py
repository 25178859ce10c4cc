from drf_spectacular.openapi import AutoSchema


class EnvelopeSchema(AutoSchema):
    pass
