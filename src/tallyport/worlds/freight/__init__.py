"""A simulated network freight platform (网络货运平台): hauls, bills, settlements, custody account.

firms → hauls → billing → money     what really happened, with planted cases
export                              how the platform's systems write it down
truth                               what belongs together, for measuring
"""

from tallyport.worlds.freight.make import FreightWorld, make

__all__ = ["FreightWorld", "make"]
