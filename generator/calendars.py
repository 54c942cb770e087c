"""Public holidays and business days by country and region, from the `holidays` library, seen as the domain wants them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import holidays

if TYPE_CHECKING:
    from datetime import date

    from holidays import HolidayBase

_SATURDAY = 5
#: The library's code for Alsace-Moselle, where Good Friday and 26 December are holidays too.
_REGIONS = {("FR", "alsace-moselle"): "57", ("FR", "alsace"): "57", ("FR", "moselle"): "57"}


class Calendar:
    """The business days of one country, or of a region of it."""

    def __init__(self, country: str, region: str = "") -> None:
        """Raises ValueError when the country or the region is not known to have a calendar."""
        subdivision = _REGIONS.get((country.upper(), region.lower()), region.upper())
        try:  # asking for the list of all countries would load every one of them
            self._holidays: HolidayBase = holidays.country_holidays(country.upper(), subdiv=subdivision or None)
        except RuntimeError as unknown:  # what the library raises for a country or a region that it lacks is one
            raise ValueError(f"no calendar of public holidays for {country} {region}".rstrip()) from unknown
        self.is_business_day = lru_cache(maxsize=4096)(self._is_business_day)

    def _is_business_day(self, day: date) -> bool:
        return day.weekday() < _SATURDAY and day not in self._holidays


@lru_cache(maxsize=8)
def calendar(country: str, region: str = "") -> Calendar:
    """The calendar of a country and region, made once. Raises ValueError when there is none."""
    return Calendar(country, region)
